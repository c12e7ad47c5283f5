using System.Threading.Channels;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Model;

/// <summary>
/// Planted: one more route, the only one that the ledger and the committer see, whose lane settles by a wrong rule.
/// All of it is production code but the rule.
/// </summary>
sealed class Decoy
{
    readonly Channel<Chunk> _channel = Channel.CreateUnbounded<Chunk>();
    readonly List<ChangeEvent> _events = [];
    readonly Mutant _mutant;
    int _settled;

    public Decoy(Mutant mutant, InFlight inFlight)
    {
        _mutant = mutant;
        Route = new SinkRoute(new LaneLayout(1, Ordering.Key), [new LaneFeed(_channel.Writer, new BatchLimits(), inFlight, TimeProvider.System, tracksHeld: false)]);
    }

    public SinkRoute Route { get; }

    public static bool IsFor(Mutant mutant) => mutant is Mutant.AckOnRead or Mutant.Max or Mutant.AnySink;

    /// <summary>Settles what the wrong rule says is settled.</summary>
    /// <param name="isSettled">Whether this host has settled the event in a sink.</param>
    /// <param name="sinks">How many there are.</param>
    public void Follow(Func<int, int, bool> isSettled, int sinks)
    {
        while (_channel.Reader.TryRead(out var chunk))
        {
            for (var i = 0; i < chunk.Count; i++)
            {
                _events.Add(chunk[i]);
            }
        }

        var until = _settled;
        for (var i = _settled; i < _events.Count; i++)
        {
            var number = Place.NumberOf(_events[i]);
            var counts = _mutant switch
            {
                Mutant.AckOnRead => true,
                Mutant.Max => Enumerable.Range(0, sinks).All(sink => isSettled(sink, number)),
                _ => Enumerable.Range(0, sinks).Any(sink => isSettled(sink, number)),
            };
            until = counts ? i + 1 : until;
            if (!counts && _mutant == Mutant.AnySink)
            {
                break;
            }
        }

        if (until > _settled)
        {
            Route.Feeds[0].Settle(_events.Skip(_settled).Take(until - _settled).ToArray(), delivered: true);
            _settled = until;
        }
    }
}
