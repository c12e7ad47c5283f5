using System.Diagnostics;

namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>Takes everything at once, and notes when it took the last of it.</summary>
class NoOpSink : ISink
{
    public SinkTraits Traits { get; } = new() { Durability = Durability.None, IsIdempotent = true };

    /// <summary>The end of the last write; its batch is settled right after it.</summary>
    public long Ended { get; private set; }

    public long Events { get; private set; }

    public ValueTask OpenAsync(CancellationToken cancellationToken) => default;

    public virtual ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        Events += batch.Count;
        Ended = Stopwatch.GetTimestamp();
        return default;
    }

    public ValueTask DisposeAsync() => default;
}
