using System.CommandLine;
using Penstock.Runtime;

namespace Penstock.Host.Commands;

/// <summary><c>penstock check</c>: what is wrong at the servers, before anything is read, written or created.</summary>
sealed class CheckCommand(ConfigReader configs, RuntimeServices services) : ICliCommand
{
    public Command Create()
    {
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("check", "Connects to the servers of a config and lists what is missing there, each with its remedy. Changes nothing.") { config, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(config)!, parsed.GetValue(json), cancellationToken));
        return command;
    }

    async Task<int> RunAsync(string file, bool json, CancellationToken cancellationToken)
    {
        var read = configs.Read(file);
        ConfigReader.Print(read.Problems, json: false);
        if (read.Config is not { } config)
        {
            return read.ExitCode;
        }

        var checks = new PluginChecks(services);
        var results = await Task.WhenAll(config.Pipelines.SelectMany(pipeline => checks.Start(pipeline, cancellationToken)));
        if (json)
        {
            JsonAnswer.Write(writer => CheckJson.Write(writer, results));
        }
        else
        {
            CheckText.Write(results, Console.Out);
        }

        return results.Any(result => result.HasProblem) ? Math.Max(ExitCode.FailedWhileRunning, read.ExitCode) : read.ExitCode;
    }
}
