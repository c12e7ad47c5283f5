using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Penstock.Redis;
using Penstock.Sources.RedisKeyspace;
using Penstock.Sources.RedisPubSub;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>Makes sources the way the host does: through their plugins.</summary>
static class Sources
{
    static readonly Meter Meter = new("Penstock.Tests");

    public static IChangeSource PubSub(RedisConnectionOptions connection, string[]? channels = null, string[]? patterns = null) =>
        PubSub(new RedisPubSubOptions { Connection = connection, Channels = channels ?? [], Patterns = patterns ?? [] });

    public static IChangeSource PubSub(RedisPubSubOptions options, LogLines? log = null) =>
        new RedisPubSubPlugin().Create(options, Context(log ?? new LogLines()));

    public static IChangeSource Keyspace(RedisConnectionOptions connection, string[] keys, string[] events, LogLines? log = null) =>
        Keyspace(new RedisKeyspaceOptions { Connection = connection, Keys = keys, Events = events }, log);

    public static IChangeSource Keyspace(RedisKeyspaceOptions options, LogLines? log = null) =>
        new RedisKeyspacePlugin().Create(options, Context(log ?? new LogLines()));

    public static SourceContext Context(ILoggerFactory log) => new()
    {
        Pipeline = "test",
        Instance = "source",
        LoggerFactory = log,
        TimeProvider = TimeProvider.System,
        Meter = Meter,
    };
}
