using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

/// <summary>Tells of each change of the topology once, by a line in the log and a count, however many connections saw it.</summary>
sealed class TopologyChanges
{
    const string Primary = "primary";
    const string Slots = "slots";
    const string Nodes = "nodes";

    readonly ILogger _log;
    readonly string _pipeline;
    readonly KeyValuePair<string, object?> _instance;
    readonly Counter<long> _count;
    readonly Lock _gate = new();
    RedisEndpoint? _primary;
    SlotMap? _map;

    public TopologyChanges(ILogger log, Meter meter, string pipeline, KeyValuePair<string, object?> instance, bool isCluster)
    {
        _log = log;
        _pipeline = pipeline;
        _instance = instance;
        _count = meter.CreateCounter<long>(
            "penstock_redis_topology_changes_total", "{change}", "Times another Redis server became a primary, slots moved, or servers came or went.");
        foreach (var change in isCluster ? [Primary, Slots, Nodes] : new[] { Primary })
        {
            Count(0, change);
        }
    }

    /// <param name="primary">What is the primary now.</param>
    /// <param name="sentinel">Who says so.</param>
    public void Saw(RedisEndpoint primary, RedisEndpoint sentinel)
    {
        RedisEndpoint? before;
        lock (_gate)
        {
            before = _primary;
            _primary = primary;
        }

        if (before is { } old && old != primary)
        {
            _log.PrimaryChanged(_pipeline, $"{_instance.Value}", primary.ToString(), old.ToString(), sentinel.ToString());
            Count(1, Primary);
        }
    }

    /// <param name="map">Who serves which slots now.</param>
    /// <param name="node">Who says so.</param>
    public void Saw(SlotMap map, RedisEndpoint node)
    {
        SlotMap? before;
        lock (_gate)
        {
            before = _map;
            _map = map;
        }

        if (before is null)
        {
            return;
        }

        foreach (var move in SlotMove.Between(before, map))
        {
            if (move is { IsFailover: true, From: { } old, To: { } primary })
            {
                _log.PrimaryOfSlotsChanged(_pipeline, $"{_instance.Value}", primary.ToString(), old.ToString(), move.Count, node.ToString());
                Count(1, Primary);
            }
            else
            {
                _log.SlotsMoved(_pipeline, $"{_instance.Value}", move.Count, move.First, NameOf(move.To), NameOf(move.From), node.ToString());
                Count(1, Slots);
            }
        }

        if (!map.Nodes.SetEquals(before.Nodes))
        {
            _log.NodesChanged(
                _pipeline, $"{_instance.Value}", string.Join(", ", map.Nodes), string.Join(", ", before.Nodes.Except(map.Nodes)), node.ToString());
            Count(1, Nodes);
        }
    }

    static string NameOf(RedisEndpoint? server) => server is { } known ? known.ToString() : "nobody";

    void Count(int changes, string change) => _count.Add(changes, new("pipeline", _pipeline), _instance, new("change", change));
}
