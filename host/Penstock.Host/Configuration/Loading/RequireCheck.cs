using System.Text.Json;
using Penstock.Runtime.Guarantees;

namespace Penstock.Host.Configuration;

/// <summary>Checks what a pipeline requires against what its sources and sinks give together.</summary>
sealed class RequireCheck(ConfigNode pipeline, ProblemScope problems)
{
    readonly List<(ConfigNode Section, SourceTraits Traits)> _sources = [];
    readonly List<(ConfigNode Section, SinkTraits Traits)> _sinks = [];

    public void Add(ConfigNode section, SourceTraits traits) => _sources.Add((section, traits));

    public void Add(ConfigNode section, SinkTraits traits) => _sinks.Add((section, traits));

    public void Run()
    {
        switch (pipeline.Find("require"))
        {
            case { Kind: JsonValueKind.String, Text: "at-least-once" } require:
                _sources.ForEach(source => CheckAtLeastOnce(require, source.Section, source.Traits));
                break;
            case { Kind: JsonValueKind.String, Text: "effectively-once" } require:
                _sources.ForEach(source => _sinks.ForEach(sink => CheckEffectivelyOnce(require, source, sink)));
                break;
        }
    }

    void CheckAtLeastOnce(ConfigNode require, ConfigNode section, SourceTraits traits)
    {
        if (traits.Guarantee == DeliveryGuarantee.AtMostOnce)
        {
            problems.At(
                require,
                $"{Shown.Value(require)} cannot be given: source {Name(section)} is at-most-once ({traits.Loss}); "
                + "require \"at-most-once\", or move the source to a pipeline of its own");
        }
    }

    void CheckEffectivelyOnce(ConfigNode require, (ConfigNode Section, SourceTraits Traits) source, (ConfigNode Section, SinkTraits Traits) sink)
    {
        var sources = pipeline.MembersOf("sources").Count();
        var lacks = EffectivelyOnce.Lacks(source.Traits, sink.Traits, sources, PassesDeadLetters(sink.Section));
        if (lacks.Count > 0)
        {
            problems.At(
                require,
                $"{Shown.Value(require)} cannot be given from source {Name(source.Section)} to sink {Name(sink.Section)}: {string.Join("; ", lacks)}; "
                + $"or require \"{Guarantee.Name(source.Traits.Guarantee)}\"");
        }
    }

    static bool PassesDeadLetters(ConfigNode sink) =>
        sink.StringOf("onPoison") == "deadLetter" && sink.Find("deadLetters")?.StringOf("sameKey") == "continue";

    static string Name(ConfigNode section) => $"\"{section.Name}\" ({section.StringOf("type")})";
}
