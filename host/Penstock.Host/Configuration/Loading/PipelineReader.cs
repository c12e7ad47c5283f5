using System.Globalization;
using System.Text.Json;

namespace Penstock.Host.Configuration;

/// <summary>Reads the plugins of one pipeline and checks the rules between them and the host.</summary>
sealed class PipelineReader(PluginSectionReader plugins, ProblemScope problems)
{
    public Dictionary<string, BoundPlugin<SourceDefinition>> Sources { get; } = [];

    public Dictionary<string, BoundPlugin<SinkDefinition>> Sinks { get; } = [];

    public void Read(ConfigNode pipeline)
    {
        var require = new RequireCheck(pipeline, problems);
        foreach (var section in pipeline.MembersOf("sources").Where(s => s.Kind == JsonValueKind.Object))
        {
            if (plugins.Read<SourceDefinition>(section, problems) is { } source)
            {
                Sources.Add(section.Name!, source);
                if (Ask(section, () => source.Definition.GetTraitsOf(source.Options)) is { } traits)
                {
                    CheckCount(section, "readers", traits.MaxReaders, "source");
                    require.Add(section, traits);
                }
            }
        }

        foreach (var section in pipeline.MembersOf("sinks").Where(s => s.Kind == JsonValueKind.Object))
        {
            CheckRetry(section);
            CheckDeadLetters(section);
            CheckTransactions(pipeline, section);
            if (plugins.Read<SinkDefinition>(section, problems) is { } sink)
            {
                Sinks.Add(section.Name!, sink);
                if (Ask(section, () => sink.Definition.GetTraitsOf(sink.Options)) is { } traits)
                {
                    CheckCount(section, "lanes", traits.MaxLanes, "sink");
                    require.Add(section, traits);
                }
            }
        }

        require.Run();
    }

    void CheckCount(ConfigNode section, string name, int most, string kind)
    {
        if (section.Find(name) is { Kind: JsonValueKind.Number } node
            && int.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && !problems.IsMarked(node)
            && count > most)
        {
            problems.At(node, $"{Shown.Value(node)} is above the maximum {most} of {kind} type \"{section.StringOf("type")}\"");
        }
    }

    void CheckDeadLetters(ConfigNode section)
    {
        if (section.Find("deadLetters") is { } deadLetters && !problems.IsMarked(deadLetters)
            && section.StringOf("onPoison") is null or "halt")
        {
            problems.At(deadLetters, "\"deadLetters\" has no effect without \"onPoison\": \"deadLetter\"; add that, or leave \"deadLetters\" out");
        }
    }

    void CheckTransactions(ConfigNode pipeline, ConfigNode section)
    {
        if (section.Find("batch") is not { Kind: JsonValueKind.Object } batch || batch.Find("wholeTransactions") is not { Kind: JsonValueKind.True } whole)
        {
            return;
        }

        if ((section.StringOf("ordering") ?? pipeline.StringOf("ordering") ?? "key") != "source")
        {
            problems.At(whole, "\"wholeTransactions\" needs \"ordering\": \"source\", because lanes side by side share the events of a transaction; set that, or leave \"wholeTransactions\" out");
        }

        if (pipeline.MembersOf("sources").Count() > 1)
        {
            problems.At(whole, "\"wholeTransactions\" needs a pipeline with a single source, because transactions of two would run into one another; give each source a pipeline of its own");
        }
    }

    void CheckRetry(ConfigNode section)
    {
        if (section.Find("retry") is not { Kind: JsonValueKind.Object } retry || problems.IsMarked(retry))
        {
            return;
        }

        var defaults = new RetryConfig();
        var initial = Duration.TryParse(retry.StringOf("initialDelay"), out var first) ? first : defaults.InitialDelay;
        var most = Duration.TryParse(retry.StringOf("maxDelay"), out var last) ? last : defaults.MaxDelay;
        if (initial > most)
        {
            var at = retry.Find("initialDelay") ?? retry.Find("maxDelay")!;
            problems.At(at, $"\"initialDelay\" ({Shown.Quote(Duration.Format(initial))}) is above \"maxDelay\" ({Shown.Quote(Duration.Format(most))})");
        }
    }

    // A getter of a plugin that throws takes down this pipeline only.
    T? Ask<T>(ConfigNode section, Func<T> question)
        where T : class
    {
        try
        {
            return question();
        }
        catch (Exception error)
        {
            problems.At(
                section.Find("type") ?? section, $"the plugin threw {error.GetType().Name} when asked for its traits; correct the plugin", ConfigProblemKind.Plugin);
            return null;
        }
    }
}
