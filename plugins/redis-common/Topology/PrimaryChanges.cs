using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

/// <summary>Tells of each change of the primary once, by a line in the log and a count, however many connections saw it.</summary>
sealed class PrimaryChanges
{
    readonly ILogger _log;
    readonly string _pipeline;
    readonly KeyValuePair<string, object?> _instance;
    readonly Counter<long> _count;
    readonly Lock _gate = new();
    RedisEndpoint? _primary;

    public PrimaryChanges(ILogger log, Meter meter, string pipeline, KeyValuePair<string, object?> instance)
    {
        _log = log;
        _pipeline = pipeline;
        _instance = instance;
        _count = meter.CreateCounter<long>("penstock_redis_primary_changes_total", "{change}", "Times another Redis server became the primary.");
        Count(0);
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
            Count(1);
        }
    }

    void Count(int changes) => _count.Add(changes, new("pipeline", _pipeline), _instance);
}
