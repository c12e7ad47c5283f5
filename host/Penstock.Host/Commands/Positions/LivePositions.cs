using Penstock.Runtime;

namespace Penstock.Host.Commands;

/// <summary><c>penstock positions show --live</c>: what the servers know of each source's place. Reads no state.</summary>
sealed class LivePositions(ConfigReader configs, RuntimeServices services)
{
    public async Task<int> ShowAsync(string file, string? pipeline, bool json, CancellationToken cancellationToken)
    {
        var read = configs.Read(file);
        ConfigReader.Print(read.Problems, json: false);
        if (read.Config is not { } config)
        {
            return read.ExitCode;
        }

        var checks = new PluginChecks(services);
        var results = await Task.WhenAll(config.Pipelines
            .Where(one => pipeline is null || one.Name == pipeline)
            .SelectMany(one => checks.StartPositions(one, cancellationToken)));
        if (json)
        {
            JsonAnswer.Write(writer => CheckJson.Write(writer, results));
        }
        else
        {
            CheckText.WriteFacts(results, Console.Out);
        }

        return results.Any(result => result.HasProblem) ? Math.Max(ExitCode.FailedWhileRunning, read.ExitCode) : read.ExitCode;
    }
}
