using System.Runtime.CompilerServices;

namespace Penstock.Runtime.Tests.Acquisition;

/// <summary>A source may go on at once on the thread that watches the sockets; however busy it is, that thread is not its own.</summary>
public sealed class SocketThreadTests
{
    [Fact]
    public async Task A_busy_source_gives_a_thread_back_that_is_not_of_the_pool()
    {
        var source = new BusySource();
        var pumping = Task.CompletedTask;
        var thread = new Thread(() => pumping = Pumping.RunAsync(source));
        thread.Start();
        thread.Join();
        await pumping;

        // It did run there, and would have until its end.
        Assert.InRange(source.OutsideThePool, 10, 100);
        Assert.Equal(BusySource.Events, source.Yielded);
    }

    /// <summary>Never waits.</summary>
    sealed class BusySource : IChangeSource
    {
        public const int Events = 500;

        public SourceTraits Traits { get; } = new() { Guarantee = DeliveryGuarantee.AtLeastOnce, CanReplay = true, PositionOrder = PositionOrder.Partition, Loss = "", Order = "" };

        public int OutsideThePool { get; private set; }

        public int Yielded { get; private set; }

        public async IAsyncEnumerable<SourceMessage> ReadAsync(
            IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
        {
            for (; Yielded < Events; Yielded++)
            {
                OutsideThePool += Thread.CurrentThread.IsThreadPoolThread ? 0 : 1;
                yield return new ChangeEvent { Kind = ChangeKind.Insert, Subject = "s", Position = new SourcePosition("", (UInt128)Yielded) };
            }

            await Task.CompletedTask;
        }

        public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync() => default;
    }
}
