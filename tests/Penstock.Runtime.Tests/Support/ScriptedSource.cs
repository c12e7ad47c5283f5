using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Penstock.Runtime.Tests.Support;

/// <summary>Reads a <see cref="RetainedLog"/>, fails where it is told to, and remembers what the host asked and acknowledged.</summary>
sealed class ScriptedSource(RetainedLog log) : IChangeSource
{
    int _yielded;

    public SourceTraits Traits { get; init; } = TraitsOf(PositionOrder.Partition);

    /// <summary>Called before each message with how many were yielded; what it throws ends the enumerator.</summary>
    public Action<int>? BeforeYield { get; init; }

    public Func<IReadOnlyList<Watermark>, CancellationToken, ValueTask>? OnAcknowledge { get; init; }

    public ConcurrentQueue<IReadOnlyList<Watermark>> Resumed { get; } = [];

    public ConcurrentQueue<Watermark> Emitted { get; } = [];

    public ConcurrentQueue<Watermark> Acknowledged { get; } = [];

    public bool IsDisposed { get; private set; }

    public static SourceTraits TraitsOf(PositionOrder order) => new()
    {
        Guarantee = DeliveryGuarantee.AtLeastOnce,
        CanReplay = true,
        PositionOrder = order,
        Loss = "none",
        Order = "as written",
    };

    public async IAsyncEnumerable<SourceMessage> ReadAsync(
        IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
    {
        Resumed.Enqueue(resumeAfter);
        var after = resumeAfter.Count == 0 ? 0 : resumeAfter[0].Position.Order;
        for (var index = 0; !stopReading.IsCancellationRequested && await log.ReadAsync(index, stopReading) is { } entry; index++)
        {
            if (entry.Order <= after)
            {
                continue;
            }

            BeforeYield?.Invoke(_yielded);
            _yielded++;
            var message = entry.Make();
            if (message is Watermark watermark)
            {
                Emitted.Enqueue(watermark);
            }

            yield return message;
        }
    }

    public async ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        if (OnAcknowledge is { } hook)
        {
            await hook(reached, cancellationToken);
        }

        foreach (var watermark in reached)
        {
            Acknowledged.Enqueue(watermark);
        }
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return default;
    }
}
