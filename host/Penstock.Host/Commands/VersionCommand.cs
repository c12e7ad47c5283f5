using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Penstock.Host.Commands;

/// <summary><c>penstock version</c></summary>
sealed class VersionCommand : ICliCommand
{
    static string Version { get; } = VersionOf(typeof(VersionCommand).Assembly);

    // Plugins are built against a version of the SDK; which commit it came from is of no use to them.
    static string Sdk { get; } = VersionOf(typeof(PluginAttribute).Assembly).Split('+')[0];

    public Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("version", "Shows the version of the host, its SDK and the runtime.") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    static int Run(bool json)
    {
        if (json)
        {
            JsonAnswer.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("version", Version);
                writer.WriteString("sdk", Sdk);
                writer.WriteString("runtime", RuntimeInformation.FrameworkDescription);
                writer.WriteString("platform", RuntimeInformation.RuntimeIdentifier);
                writer.WriteEndObject();
            });
        }
        else
        {
            Console.WriteLine($"penstock {Version}, SDK {Sdk}, on {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        }

        return ExitCode.Done;
    }

    static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
