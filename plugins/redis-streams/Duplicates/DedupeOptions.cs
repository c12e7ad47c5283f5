using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Sources.RedisStreams;

public sealed class DedupeOptions
{
    [Description("How many ids are remembered; an entry with one of them is left out. A duplicate that comes after so many others passes.")]
    [Range(1, 10_000_000)]
    public required int Window { get; init; }

    [Description("The field that identifies an entry, or a JSON pointer into it. The default is the event's id in an entry that Penstock wrote. Entries without it all pass.")]
    [MinLength(1)]
    public string? Field { get; init; }
}
