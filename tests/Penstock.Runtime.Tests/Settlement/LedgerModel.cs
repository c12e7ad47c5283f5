using System.Threading.Channels;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Settlement;

/// <summary>A real ledger over real feeds, with the lanes played by the test, beside the simplest thing that could be right: a set of open events per sink.</summary>
sealed class LedgerModel
{
    readonly EventOrigin _origin = new("p", "s", DeliveryGuarantee.AtLeastOnce);
    readonly Channel<Chunk>[][] _channels;
    readonly Queue<ChangeEvent>[][] _pending;
    readonly SortedSet<long>[] _open;
    readonly Queue<(long After, Watermark Watermark)> _expected = new();
    readonly SinkProgress[] _cursors;
    long _sequence;
    long _lastSettled;

    public LedgerModel(int sinks, int lanes)
    {
        _channels = [.. Enumerable.Range(0, sinks).Select(_ => Enumerable.Range(0, lanes).Select(_ => Channel.CreateUnbounded<Chunk>()).ToArray())];
        _pending = [.. _channels.Select(sink => sink.Select(_ => new Queue<ChangeEvent>()).ToArray())];
        _open = [.. _channels.Select(_ => new SortedSet<long>())];
        var inFlight = new InFlight();
        _cursors = [.. _channels.Select(_ => new SinkProgress([]))];
        Routes = [.. _channels.Select(sink => new SinkRoute(
            new LaneLayout(lanes, Ordering.Key),
            [.. sink.Select(channel => new LaneFeed(channel.Writer, new BatchLimits(), inFlight, TimeProvider.System, tracksHeld: false))]))];
        Ledger = new SourceLedger(Routes, inFlight, new InFlightLimits());
    }

    public SinkRoute[] Routes { get; }

    public SourceLedger Ledger { get; }

    public void Route(Random random)
    {
        var change = (ChangeEvent)Entry.Change((ulong)++_sequence).Make();
        change.Stamp(_origin, _sequence);
        for (var sink = 0; sink < Routes.Length; sink++)
        {
            Routes[sink].Feeds[random.Next(Routes[sink].Feeds.Length)].Add(change);
            _open[sink].Add(_sequence);
        }

        Ledger.Routed(_sequence);
    }

    public void HandOver(bool endsBurst)
    {
        foreach (var feed in Routes.SelectMany(route => route.Feeds))
        {
            feed.HandOver(endsBurst);
        }
    }

    public void Emit()
    {
        var watermark = (Watermark)Entry.Mark((ulong)_sequence).Make();
        _expected.Enqueue((_sequence, watermark));
        Ledger.Emitted(watermark);
    }

    /// <summary>Settles up to so many of the oldest events that a lane has.</summary>
    public void Settle(int sink, int lane, int count)
    {
        var pending = _pending[sink][lane];
        while (_channels[sink][lane].Reader.TryRead(out var chunk))
        {
            for (var i = 0; i < chunk.Count; i++)
            {
                pending.Enqueue(chunk[i]);
            }
        }

        count = Math.Min(count, pending.Count);
        if (count == 0)
        {
            return;
        }

        ChangeEvent[] settled = [.. Enumerable.Range(0, count).Select(_ => pending.Dequeue())];
        Routes[sink].Feeds[lane].Settle(settled, delivered: true);
        _open[sink].ExceptWith(settled.Select(change => change.Sequence));
    }

    public void SettleAll()
    {
        HandOver(endsBurst: true);
        for (var sink = 0; sink < _open.Length; sink++)
        {
            for (var lane = 0; lane < _pending[sink].Length; lane++)
            {
                Settle(sink, lane, int.MaxValue);
            }
        }
    }

    /// <summary>What is wrong with this answer to "up to where is everything settled?"; null when nothing is.</summary>
    public string? WhatIsWrongWith(long settled)
    {
        var last = _lastSettled;
        _lastSettled = settled;
        var truth = _open.Min(open => open.Count == 0 ? _sequence : open.Min - 1);
        return settled > truth ? $"{settled} is said to be settled, but {truth + 1} is open"
            : settled < last ? $"the watermark fell from {last} to {settled}"
            : truth == _sequence && settled < truth ? $"everything up to {truth} is settled, but only {settled} is said to be"
            : null;
    }

    /// <summary>Takes the reached watermarks and compares them, instance by instance, with those that the model allows.</summary>
    public void CheckReached()
    {
        var settled = Ledger.Settled();
        var reached = new List<Watermark>();
        Ledger.TakeReached(reached, _cursors);
        foreach (var watermark in reached)
        {
            var (after, expected) = _expected.Dequeue();
            Assert.Same(expected, watermark);
            Assert.True(after <= settled);
        }

        Assert.True(_expected.Count == 0 || _expected.Peek().After > settled, "a reached watermark was left behind");
    }
}
