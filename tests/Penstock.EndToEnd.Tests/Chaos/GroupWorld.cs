using System.Globalization;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>A Redis stream that is being written to, the members of one group that read it, and another Redis as their sink. Both keep what they acknowledged.</summary>
sealed class GroupWorld : IAsyncDisposable
{
    const string Source = "work";
    const string Group = "g";
    const string Target = "out";

    readonly TempDirectory _directory = new("chaos");
    readonly StreamProducer _producer;

    GroupWorld(RedisServer source, RedisServer sink)
    {
        SourceRedis = source;
        SinkRedis = sink;
        Tail = new SinkTail(sink.Port, Target);
        _producer = new StreamProducer(source.Port, Source);
    }

    public RedisServer SourceRedis { get; }

    public RedisServer SinkRedis { get; }

    public SinkTail Tail { get; }

    public static async Task<GroupWorld> StartAsync() =>
        new(await RedisServer.StartAsync(DurableRedis.Options), await RedisServer.StartAsync(DurableRedis.Options));

    /// <summary>Starts a host of its own for this consumer, with its own state.</summary>
    public HostRun StartMember(string consumer)
    {
        var config = _directory.Combine($"{consumer}.json");
        File.WriteAllText(config, Config(consumer));
        return HostRun.Start("run", "-c", config);
    }

    /// <summary>How many entries this consumer has not acknowledged.</summary>
    public long PendingOf(string consumer)
    {
        using var redis = new PlainRedis(SourceRedis.Port);
        return ((object?[])redis.Send("XPENDING", Source, Group, "-", "+", "10000", consumer)!).Length;
    }

    /// <summary>Whether the group has acknowledged a delivered entry by now: handed out, and not pending.</summary>
    public Func<Delivered, bool> Acknowledged()
    {
        using var redis = new PlainRedis(SourceRedis.Port);
        var group = (object?[])((object?[])redis.Send("XINFO", "GROUPS", Source)!)[0]!;
        var handedOut = PositionOf((string)group[Array.IndexOf(group, "last-delivered-id") + 1]!);

        // After it: what is handed out since lies above.
        var pending = ((object?[])redis.Send("XPENDING", Source, Group, "-", "+", "1000000")!).Select(entry => PositionOf((string)((object?[])entry!)[0]!)).ToHashSet();
        return delivered => string.CompareOrdinal(delivered.Position, handedOut) <= 0 && !pending.Contains(delivered.Position);
    }

    /// <summary>The position of the last entry now.</summary>
    public string End()
    {
        using var redis = new PlainRedis(SourceRedis.Port);
        return PositionOf((string)((object?[])((object?[])redis.Send("XREVRANGE", Source, "+", "-", "COUNT", "1")!)[0]!)[0]!);
    }

    /// <summary>Stops the writing, lets the hosts deliver the rest, and returns every entry that the server holds.</summary>
    public async Task<IReadOnlySet<(int Counter, int Value)>> FinishAsync(params IReadOnlyList<HostRun> hosts)
    {
        var acknowledged = await _producer.StopAsync();
        using var redis = new PlainRedis(SourceRedis.Port);
        var all = redis.Entries(Source)
            .Select(entry => (int.Parse(entry.Fields["id"], CultureInfo.InvariantCulture), int.Parse(entry.Fields["n"], CultureInfo.InvariantCulture))).ToHashSet();
        Assert.Empty(acknowledged.Except(all));
        await Tail.ReachesAsync(all.Count);
        await Eventually.HoldsAsync(() => (long)((object?[])redis.Send("XPENDING", Source, Group)!)[0]! == 0, "everything is acknowledged");
        foreach (var host in hosts)
        {
            Assert.Equal(0, await host.TerminateAsync());
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        await _producer.StopAsync();
        Tail.Dispose();
        await SourceRedis.DisposeAsync();
        await SinkRedis.DisposeAsync();
        _directory.Dispose();
    }

    // As an event's position has it: four groups of hex digits, the last one left out when it is zero.
    static string PositionOf(string id)
    {
        var parts = id.Split('-');
        var (time, sequence) = (ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture));
        var last = (uint)sequence == 0 ? "" : $"/{(uint)sequence:X8}";
        return $"{Source}@{(uint)(time >> 32):X8}/{(uint)time:X8}/{(uint)(sequence >> 32):X8}{last}";
    }

    string Config(string consumer) =>
        $$"""
        {
          "state": { "directory": "./state-{{consumer}}" },
          "pipelines": {
            "work": {
              "require": "at-least-once",
              "sources": {
                "in": {
                  "type": "redis-streams",
                  "config": {
                    "connection": { "endpoints": ["{{SourceRedis.Endpoint}}"], "connectTimeout": "1s", "commandTimeout": "1s" },
                    "streams": ["{{Source}}"],
                    "group": "{{Group}}",
                    "consumer": "{{consumer}}",
                    "claimIdle": "2s",
                    "count": 20,
                    "key": "id"
                  }
                }
              },
              "sinks": {
                "out": {
                  "type": "redis-streams",
                  "lanes": 4,
                  "retry": { "initialDelay": "50ms", "maxDelay": "500ms" },
                  "config": {
                    "connection": { "endpoints": ["{{SinkRedis.Endpoint}}"], "connectTimeout": "1s", "commandTimeout": "1s" },
                    "stream": "{{Target}}"
                  }
                }
              }
            }
          }
        }
        """;
}
