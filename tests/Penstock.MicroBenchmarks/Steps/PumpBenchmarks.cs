using System.Diagnostics.Metrics;
using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.MicroBenchmarks.Samples;
using Penstock.Runtime;
using Penstock.Runtime.Acquisition;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Losses;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;

namespace Penstock.MicroBenchmarks.Steps;

/// <summary>
/// Router and settlement: the pump stamps, routes and hands over; batches are gathered and settled; the ledger takes the watermark. All on one
/// thread, so the figure is the work, without the waking of a lane. The lane's loop, the sink and the checkpoint file are not in it.
/// </summary>
public class PumpBenchmarks
{
    const int Lanes = 4;
    const int Rounds = 64;
    const int EventsPerRound = 1000;

    readonly ChangeEvent[] _events = OrderEvents.Make(EventsPerRound, ChangeKind.Insert);
    readonly Meter _meter = new(Instruments.MeterName);
    readonly List<Watermark> _reached = [];
    readonly Batch _batch = new(new BatchLimits());
    RuntimeServices _services = null!;
    LossLog _losses = null!;

    [Params(1, 2)]
    public int Sinks { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _services = new RuntimeServices(NullLoggerFactory.Instance, TimeProvider.System, _meter);
        _losses = new LossLog(AppContext.BaseDirectory);
    }

    [GlobalCleanup]
    public void CleanUp() => _meter.Dispose();

    [Benchmark(OperationsPerInvoke = Rounds * EventsPerRound)]
    public async Task<long> PumpAndSettle()
    {
        var inFlight = new InFlight();
        var queues = Enumerable.Range(0, Sinks * Lanes).Select(_ => Channel.CreateUnbounded<Chunk>(new() { SingleReader = true })).ToArray();
        var routes = Enumerable.Range(0, Sinks)
            .Select(sink => new SinkRoute(new LaneLayout(Lanes, Ordering.Key), [.. queues[(sink * Lanes)..((sink + 1) * Lanes)].Select(Feed)]))
            .ToArray();
        var ledger = new SourceLedger(routes, inFlight, new InFlightLimits());
        SinkProgress[] cursors = [.. routes.Select(_ => new SinkProgress([]))];
        var origin = new EventOrigin("orders", "db", DeliveryGuarantee.AtLeastOnce);
        var source = new RepeatingSource(_events, Rounds, () => Settle(queues, ledger, cursors));
        var pump = new SourcePump(
            origin, source, routes, ledger, new ReceivedPositions(), new LossRecorder(origin, _losses, _services), inFlight, new ReadWatch("db", _services.Time), _services);
        await pump.RunAsync(CancellationToken.None, CancellationToken.None);
        Settle(queues, ledger, cursors);
        return ledger.Settled() == Rounds * EventsPerRound ? ledger.Read : throw new InvalidOperationException($"Only {ledger.Settled()} are settled.");

        LaneFeed Feed(Channel<Chunk> queue) => new(queue.Writer, new BatchLimits(), inFlight, _services.Time, tracksHeld: false);
    }

    void Settle(Channel<Chunk>[] queues, SourceLedger ledger, SinkProgress[] cursors)
    {
        foreach (var queue in queues)
        {
            _batch.Clear();
            while (queue.Reader.TryRead(out var chunk))
            {
                for (var taken = 0; taken < chunk.Count;)
                {
                    taken += _batch.Take(chunk, taken);
                    if (_batch.IsFull)
                    {
                        SettleBatch();
                    }
                }
            }

            SettleBatch();
        }

        _reached.Clear();
        ledger.TakeReached(_reached, cursors);
    }

    void SettleBatch()
    {
        if (_batch.Open > 0)
        {
            _batch.Show(_batch.Open);
            _batch.Settle(_batch.Count, delivered: true);
        }

        _batch.Clear();
    }
}
