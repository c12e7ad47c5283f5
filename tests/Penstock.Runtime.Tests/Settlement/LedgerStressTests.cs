using System.Threading.Channels;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Settlement;

/// <summary>A pump, lanes and a checker, each on a thread of its own, as fast as they can.</summary>
public sealed class LedgerStressTests
{
    const int Sinks = 2;
    const int Lanes = 4;
    const int Events = 50_000;

    [Fact]
    public async Task The_watermark_never_covers_an_open_event_whatever_the_threads_do() =>
        Assert.Null(await RunAsync((ledger, _) => ledger.Settled()));

    [Fact]
    public async Task A_watermark_from_the_fastest_lane_is_seen() =>
        Assert.NotNull(await RunAsync((ledger, routes) => Math.Min(ledger.Read, routes[0].Feeds.Max(feed => feed.OldestOpen - 1))));

    static async Task<string?> RunAsync(Func<SourceLedger, SinkRoute[], long> settled)
    {
        var inFlight = new InFlight();
        var channels = Enumerable.Range(0, Sinks).Select(_ => Enumerable.Range(0, Lanes).Select(_ => Channel.CreateUnbounded<Chunk>()).ToArray()).ToArray();
        SinkRoute[] routes = [.. channels.Select(sink => new SinkRoute(
            new LaneLayout(Lanes, Ordering.Key),
            [.. sink.Select(channel => new LaneFeed(channel.Writer, new BatchLimits(), inFlight, TimeProvider.System, tracksHeld: false))]))];
        var ledger = new SourceLedger(routes, inFlight, new InFlightLimits());
        var marks = Enumerable.Range(0, Sinks).Select(_ => new bool[Events + 1]).ToArray();

        var lanes = channels.SelectMany((sink, i) => sink.Select((channel, lane) => Task.Run(() => SettleAsync(channel, marks[i], seed: (i * Lanes) + lane)))).ToArray();
        var checker = Task.Run(() => Check(() => settled(ledger, routes), marks));
        await Task.Run(() => PumpAsync(routes, ledger, inFlight));
        foreach (var channel in channels.SelectMany(sink => sink))
        {
            channel.Writer.Complete();
        }

        await Task.WhenAll(lanes);
        Assert.Equal(Events, ledger.Settled());
        return await checker;
    }

    static async Task PumpAsync(SinkRoute[] routes, SourceLedger ledger, InFlight inFlight)
    {
        var origin = new EventOrigin("p", "s", DeliveryGuarantee.AtLeastOnce);
        var position = new SourcePosition("", 1);
        var random = new Random(1);
        for (var sequence = 1L; sequence <= Events; sequence++)
        {
            var change = new ChangeEvent { Kind = ChangeKind.Insert, Subject = "t", Position = position };
            change.Stamp(origin, sequence);
            foreach (var route in routes)
            {
                // Skewed, so that some lanes are often empty and their frontier jumps.
                route.Feeds[random.Next(10) < 7 ? 0 : random.Next(Lanes)].Add(change);
            }

            ledger.Routed(sequence);
            if (random.Next(8) == 0 || !ledger.HasRoom())
            {
                HandOver(routes);
                await inFlight.Progress.WaitUntilAsync(ledger.HasRoom, CancellationToken.None);
            }
        }

        HandOver(routes);
    }

    static void HandOver(SinkRoute[] routes)
    {
        foreach (var feed in routes.SelectMany(route => route.Feeds))
        {
            feed.HandOver(endsBurst: true);
        }
    }

    static async Task SettleAsync(Channel<Chunk> channel, bool[] marks, int seed)
    {
        var random = new Random(seed);
        var batch = new Batch(new BatchLimits { MaxEvents = 64 });
        await foreach (var chunk in channel.Reader.ReadAllAsync())
        {
            for (var taken = 0; taken < chunk.Count;)
            {
                batch.Clear();
                taken += batch.Take(chunk, taken);
                batch.Show(batch.Open);
                for (var i = 0; i < batch.Count; i++)
                {
                    // Durable first, then settled.
                    Volatile.Write(ref marks[batch[i].Sequence], true);
                }

                if (random.Next(4) == 0)
                {
                    Thread.Yield();
                }

                batch.Settle(batch.Open, delivered: true);
            }
        }
    }

    static string? Check(Func<long> settled, bool[][] marks)
    {
        var last = 0L;
        while (last < Events)
        {
            var now = settled();
            Thread.Yield();
            if (now < last)
            {
                return $"the watermark fell from {last} to {now}";
            }

            for (; last < now; last++)
            {
                if (Array.Exists(marks, sink => !Volatile.Read(ref sink[last + 1])))
                {
                    return $"{now} is said to be settled, but {last + 1} is open";
                }
            }
        }

        return null;
    }
}
