using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Penstock.Runtime.Routing;

namespace Penstock.Host.Configuration;

sealed class PipelineSection
{
    [Description("The least guarantee: the config is refused when a source, or for \"effectively-once\" a pair of source and sink, cannot give it. Without it, any guarantee will do.")]
    public Requirement? Require { get; init; }

    [Description("What order the lanes of every sink keep: \"key\", of events with the same key; \"source\", of everything from one source; \"none\".")]
    public Ordering Ordering { get; init; } = Ordering.Key;

    [Description("Where events come from, by name.")]
    [RegularExpression(HostSection.Names)]
    [MinLength(1)]
    public required IReadOnlyDictionary<string, SourceSection> Sources { get; init; }

    [Description("Where events go, by name; every sink gets every event.")]
    [RegularExpression(HostSection.Names)]
    [MinLength(1)]
    public required IReadOnlyDictionary<string, SinkSection> Sinks { get; init; }
}
