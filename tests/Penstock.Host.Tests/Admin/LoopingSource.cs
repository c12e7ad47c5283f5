using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Penstock.TestServers;

namespace Penstock.Host.Tests.Admin;

/// <summary>Connects, says so and fails at once, as often as it is told; then waits, and reads once it is mended.</summary>
sealed class LoopingSource(SourceContext context, int failures) : IChangeSource
{
    public ConcurrentQueue<DateTimeOffset> Failures { get; } = [];

    public TaskCompletionSource Mended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets a source that reads come to its end.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SourceTraits Traits { get; } = new()
    {
        Guarantee = DeliveryGuarantee.AtLeastOnce,
        CanReplay = true,
        PositionOrder = PositionOrder.Partition,
        Loss = "none",
        Order = "as written",
    };

    public async IAsyncEnumerable<SourceMessage> ReadAsync(
        IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
    {
        await Eventually.BackOffAsync();
        if (Failures.Count < failures)
        {
            context.ReportConnected();
            Failures.Enqueue(DateTimeOffset.UtcNow);
            throw new IOException("closed by the server");
        }

        await Mended.Task.WaitAsync(stopReading);
        context.ReportConnected();
        yield return new Watermark(new SourcePosition("", 1));
        await Ended.Task.WaitAsync(stopReading);
    }

    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken) => default;

    public ValueTask DisposeAsync() => default;
}
