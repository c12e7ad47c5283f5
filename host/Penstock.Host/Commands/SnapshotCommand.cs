using System.CommandLine;
using Penstock.Host.Configuration;
using Penstock.Runtime;
using Penstock.Runtime.Snapshots;

namespace Penstock.Host.Commands;

/// <summary><c>penstock snapshot PIPELINE/SOURCE --table …</c>: has rows that exist already delivered again, while the host runs or at its next start.</summary>
sealed class SnapshotCommand(ConfigReader configs, RuntimeServices services) : ICliCommand
{
    public Command Create()
    {
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var source = new Argument<string>("PIPELINE/SOURCE") { Description = "The source, with its pipeline." };
        var tables = new Option<string[]>("--table") { Description = "A table to read again, as the config has it; may be repeated.", HelpName = "TABLE", Required = true };
        var command = new Command("snapshot", "Has tables read again from their first row, beside the stream of their changes. Works whether a host runs or not.")
        {
            source, tables, config, json,
        };
        command.SetAction((parsed, _) => Task.FromResult(
            Run(parsed.GetValue(config)!, parsed.GetValue(source)!, [.. parsed.GetValue(tables)!.Distinct(StringComparer.Ordinal)], parsed.GetValue(json))));
        return command;
    }

    int Run(string file, string name, string[] tables, bool json)
    {
        var read = configs.Read(file);
        ConfigReader.Print(read.Problems, json: false);
        if (read.Config is not { } config)
        {
            return read.ExitCode;
        }

        if (Find(config, name) is not { Pipeline: { } pipeline, Source: { } source })
        {
            var known = config.Pipelines.SelectMany(one => one.Sources.Select(each => $"{one.Name}/{each.Name}")).ToList();
            return Refuse($"no source {Printable.Of(name)} in {config.File}; expected one of {string.Join(", ", known)}{Suggestion.For(name, known)}");
        }

        if (Refusal(source, tables) is { } refusal)
        {
            return Refuse($"{name}: {Printable.Of(refusal)}");
        }

        try
        {
            SnapshotRequestFile.Write(Path.Combine(config.StateDirectory, pipeline), source.Name, tables, services.Time.GetUtcNow());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(failure.Message);
            return ExitCode.FailedWhileRunning;
        }

        Answer(pipeline, source.Name, tables, json);
        return ExitCode.Done;
    }

    static (string? Pipeline, SourceConfig? Source) Find(HostConfig config, string name) =>
        config.Pipelines
            .SelectMany(pipeline => pipeline.Sources.Select(source => (Pipeline: (string?)pipeline.Name, Source: (SourceConfig?)source)))
            .FirstOrDefault(one => $"{one.Pipeline}/{one.Source!.Name}" == name);

    static string? Refusal(SourceConfig source, string[] tables)
    {
        if (!source.Definition.GetTraitsOf(source.Options).CanSnapshot)
        {
            return $"a {source.Type} source has no rows that it could read again";
        }

        var known = source.Definition.GetSnapshotSubjectsOf(source.Options);
        return known.Count > 0 && Array.Find(tables, table => !known.Contains(table, StringComparer.Ordinal)) is { } unknown
            ? $"does not read table \"{unknown}\"; expected one of {string.Join(", ", known)}{Suggestion.For(unknown, known)}"
            : null;
    }

    static void Answer(string pipeline, string source, string[] tables, bool json)
    {
        if (!json)
        {
            Console.WriteLine(
                $"{pipeline}/{source}: {Printable.Of(string.Join(", ", tables))} will be read again: within seconds when a host runs, else when it starts. "
                + "The host's log tells the beginning, the progress and the end of each table; penstock_snapshot_rows_total counts the rows.");
            return;
        }

        JsonAnswer.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("pipeline", pipeline);
            writer.WriteString("source", source);
            writer.WriteStartArray("tables");
            foreach (var table in tables)
            {
                writer.WriteStringValue(table);
            }

            writer.WriteEndArray();
            writer.WriteBoolean("requested", true);
            writer.WriteEndObject();
        });
    }

    static int Refuse(string reason)
    {
        Console.Error.WriteLine(reason);
        return ExitCode.Config;
    }
}
