using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Host.Configuration;

/// <summary>When a lane hands its events to the sink: whichever bound is reached first.</summary>
sealed class BatchConfig
{
    [Description("Most events in one write to the sink.")]
    [Range(1, 100_000)]
    public int MaxEvents { get; init; } = 1000;

    [Description("Most bytes of event data in one write to the sink. 1KiB to 1GiB.")]
    [Range(typeof(ByteSize), "1KiB", "1GiB")]
    public ByteSize MaxBytes { get; init; } = new(4 << 20);

    [Description("Longest time the first event of a batch waits for more; \"0ms\" writes what there is at once. 0ms to 1m.")]
    [Range(typeof(TimeSpan), "0ms", "1m")]
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    [Description("Whether a write ends only between transactions: \"maxEvents\" and \"maxDelay\" yield to a transaction, and one that does not fit \"maxBytes\" is cut. Only with \"ordering\": \"source\" and a single source.")]
    public bool WholeTransactions { get; init; }
}
