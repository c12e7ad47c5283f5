using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Host.Configuration;

/// <summary>How much of a source may be on its way: read, and not yet settled in every sink. Whichever bound is reached first stops the reading.</summary>
sealed class InFlightConfig
{
    [Description("Most events of this source that are read and not yet settled in every sink.")]
    [Range(1, 10_000_000)]
    public int MaxEvents { get; init; } = 32_768;

    [Description("Most bytes of event data of this source that are read and not yet settled in every sink. 1MiB to 16GiB.")]
    [Range(typeof(ByteSize), "1MiB", "16GiB")]
    public ByteSize MaxBytes { get; init; } = new(64 << 20);
}
