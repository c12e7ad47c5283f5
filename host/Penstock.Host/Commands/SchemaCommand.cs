using System.CommandLine;
using Penstock.Host.Configuration;

namespace Penstock.Host.Commands;

/// <summary><c>penstock schema</c>: one JSON schema of the config file with all installed plugins, for editors.</summary>
sealed class SchemaCommand(ConfigReader configs) : ICliCommand
{
    public Command Create()
    {
        var (config, plugins, json) = (CommonOptions.ConfigIfAny(), CommonOptions.Plugins(), CommonOptions.Json());
        json.Description = "Accepted for symmetry: the answer is JSON anyway.";
        var command = new Command("schema", "Writes the JSON schema of the config file, with the installed plugins, to standard output.") { config, plugins, json };
        command.SetAction(parsed => Run(parsed.GetValue(config), parsed.GetValue(plugins)!));
        return command;
    }

    int Run(string? configFile, string[] plugins)
    {
        if (configs.OpenCatalog(configFile, plugins) is not { } catalog)
        {
            return ExitCode.Config;
        }

        using var output = Console.OpenStandardOutput();
        var problems = SchemaBundle.Write(catalog, output);
        output.WriteByte((byte)'\n');
        foreach (var problem in problems)
        {
            Console.Error.WriteLine(problem);
        }

        return problems.Count > 0 ? ExitCode.Plugin : ExitCode.Done;
    }
}
