using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Runtime.Acquisition;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Losses;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;
using Penstock.TestServers;

namespace Penstock.Runtime.Tests.Acquisition;

public sealed class HandOverTests
{
    [Theory]
    [InlineData(false, "1+1+1+")]
    [InlineData(true, "3+")]
    public async Task What_is_here_is_handed_over_when_the_source_waits_unless_the_rest_of_a_transaction_is_on_its_way(bool inTransaction, string chunks)
    {
        var read = await PumpAsync(new SlowSource(Enumerable.Range(1, 3).Select(i => Change(i, inTransaction ? new TransactionMark("7", i, i == 3) : null))));
        Assert.Equal(chunks, read);
    }

    [Fact]
    public async Task A_transaction_that_is_cut_off_is_handed_over_as_far_as_it_came() =>
        Assert.Equal("2+", await PumpAsync(new SlowSource([Change(1, new TransactionMark("7", 1, false)), Change(2, new TransactionMark("7", 2, false))])));

    static ChangeEvent Change(int number, TransactionMark? transaction) => new()
    {
        Kind = ChangeKind.Insert,
        Subject = "s",
        Position = new SourcePosition("", (UInt128)number),
        Transaction = transaction,
    };

    // Events of each chunk that the lane gets, and a plus where it need not wait for more.
    static async Task<string> PumpAsync(IChangeSource source)
    {
        using var directory = new TempDirectory("handover");
        using var meter = new Meter(Instruments.MeterName);
        var services = new RuntimeServices(NullLoggerFactory.Instance, TimeProvider.System, meter);
        var inFlight = new InFlight();
        var lane = Channel.CreateUnbounded<Chunk>();
        SinkRoute[] routes = [new(new LaneLayout(1, Ordering.Key), [new LaneFeed(lane.Writer, new BatchLimits(), inFlight, services.Time, tracksHeld: false)])];
        var origin = new EventOrigin("p", "s", DeliveryGuarantee.AtLeastOnce);
        var pump = new SourcePump(
            origin,
            source,
            routes,
            new SourceLedger(routes, inFlight, new InFlightLimits()),
            new ReceivedPositions(),
            new LossRecorder(origin, new LossLog(directory.Path), services),
            inFlight,
            new ReadWatch("s", services.Time),
            services);
        await pump.RunAsync(CancellationToken.None, CancellationToken.None);
        lane.Writer.Complete();
        return string.Concat(lane.Reader.ReadAllAsync().ToBlockingEnumerable().Select(chunk => $"{chunk.Count}{(chunk.EndsBurst ? "+" : "")}"));
    }

    /// <summary>Has nothing more just now before every event and at the end.</summary>
    sealed class SlowSource(IEnumerable<ChangeEvent> events) : IChangeSource
    {
        public SourceTraits Traits { get; } = new() { Guarantee = DeliveryGuarantee.AtLeastOnce, CanReplay = true, PositionOrder = PositionOrder.Partition, Loss = "", Order = "" };

        public async IAsyncEnumerable<SourceMessage> ReadAsync(
            IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
        {
            foreach (var change in events)
            {
                await Task.Yield();
                yield return change;
            }

            await Task.Yield();
        }

        public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync() => default;
    }
}
