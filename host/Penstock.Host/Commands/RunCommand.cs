using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Penstock.Host.Admin;
using Penstock.Host.Configuration;
using Penstock.Host.Running;
using Penstock.Runtime;

namespace Penstock.Host.Commands;

/// <summary><c>penstock run</c>: runs the pipelines until they end or a signal asks them to stop.</summary>
sealed class RunCommand(ConfigReader configs, PipelineService pipelines, AdminServer admin, IServiceProvider services) : ICliCommand
{
    public Command Create()
    {
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        json.Description = "Answer with how each pipeline ended, as JSON on standard output.";
        var command = new Command("run", "Runs the pipelines of a config until SIGTERM or SIGINT, which drains them; a second signal ends at once.") { config, json };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(config)!, parsed.GetValue(json)));
        return command;
    }

    async Task<int> RunAsync(string file, bool json)
    {
        var read = configs.Read(file);
        // Standard output belongs to the answer at the end.
        ConfigReader.Print(read.Problems, json: false);
        if (read.Config is not { Pipelines.Count: > 0 } config)
        {
            return read.ExitCode;
        }

        try
        {
            using var state = StateLock.Acquire(config.StateDirectory);
            await RunAsync(config, read.Problems);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return ExitCode.FailedWhileRunning;
        }

        if (json)
        {
            JsonAnswer.Write(writer => Write(writer, pipelines.Results));
        }

        return pipelines.Results.Select(ended => ExitCodeOf(ended.Result)).Append(read.ExitCode).Max();
    }

    async Task RunAsync(HostConfig config, IReadOnlyList<ConfigProblem> problems)
    {
        SocketThreads.Choose(config, services.GetRequiredService<ILoggerFactory>().CreateLogger("Penstock.Host"));
        var options = new RuntimeOptions(config.StateDirectory) { CheckpointInterval = config.CheckpointInterval };
        pipelines.Configure([.. config.Pipelines.Select(PipelinePlans.Of)], options);
        if (config.Admin is { } listening)
        {
            var refused = problems.Where(problem => problem.Pipeline is not null).DistinctBy(problem => problem.Pipeline);
            await admin.StartAsync(listening, [.. refused.Select(problem => (problem.Pipeline!, problem.Message))]);
        }

        await services.GetRequiredService<IHost>().RunAsync();
    }

    static int ExitCodeOf(PipelineResult? result) => result?.State switch
    {
        PipelineState.Completed => ExitCode.Done,
        PipelineState.PositionLost => ExitCode.PositionLost,
        _ => ExitCode.FailedWhileRunning,
    };

    static void Write(Utf8JsonWriter json, IReadOnlyList<(string Pipeline, PipelineResult? Result)> results)
    {
        json.WriteStartArray();
        foreach (var (pipeline, result) in results)
        {
            json.WriteStartObject();
            json.WriteString("pipeline", pipeline);
            json.WriteString("state", result is null ? "unfinished" : JsonNamingPolicy.CamelCase.ConvertName(result.State.ToString()));
            json.WriteString("reason", result?.Reason);
            json.WriteStartArray("books");
            foreach (var book in result?.Books ?? [])
            {
                json.WriteStartObject();
                json.WriteString("source", book.Source);
                json.WriteString("sink", book.Sink);
                json.WriteNumber("read", book.Read);
                json.WriteNumber("delivered", book.Delivered);
                json.WriteNumber("skipped", book.Skipped);
                json.WriteNumber("deadLettered", book.DeadLettered);
                json.WriteNumber("inFlight", book.InFlight);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
