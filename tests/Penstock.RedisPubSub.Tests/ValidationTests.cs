using Penstock.Redis;
using Penstock.Sources.RedisKeyspace;
using Penstock.Sources.RedisPubSub;

namespace Penstock.RedisPubSub.Tests;

public sealed class ValidationTests
{
    static RedisConnectionOptions Connection => new() { Endpoints = ["localhost:6379"] };

    [Fact]
    public void A_source_without_names_is_refused()
    {
        Assert.Equal([""], Check(new RedisPubSubOptions { Connection = Connection }));
        Assert.Empty(Check(new RedisPubSubOptions { Connection = Connection, Patterns = ["*"] }));
        Assert.Empty(Check(new RedisPubSubOptions { Connection = Connection, Channels = ["a"] }));
        Assert.Empty(Check(new RedisPubSubOptions { Connection = Connection, ShardedChannels = ["a"] }));
        Assert.Equal(["/shardedChannels/1"], Check(new RedisPubSubOptions { Connection = Connection, ShardedChannels = ["a", "a"] }));
    }

    [Fact]
    public void Repeated_and_empty_names_and_a_bad_endpoint_are_reported_together()
    {
        var options = new RedisPubSubOptions
        {
            Connection = new() { Endpoints = ["nonsense"] },
            Channels = ["a", "b", "a"],
            Patterns = ["", "a"],
        };
        Assert.Equal(["/connection/endpoints/0", "/channels/2", "/patterns/0"], Check(options));
    }

    [Fact]
    public void Keyspace_options_are_checked_the_same_way()
    {
        var report = new ConfigReport();
        var options = new RedisKeyspaceOptions { Connection = Connection, Keys = ["a*", "a*"], Events = ["set", "set"] };
        new RedisKeyspacePlugin().Validate(options, report);
        Assert.Equal(["/keys/1", "/events/1"], report.Problems.Select(problem => problem.Pointer));
        Assert.Equal(["*"], new RedisKeyspaceOptions { Connection = Connection }.Keys);
    }

    [Fact]
    public void What_writes_or_reads_more_is_off_unless_it_is_asked_for()
    {
        var pubSub = new RedisPubSubOptions { Connection = Connection };
        var keyspace = new RedisKeyspaceOptions { Connection = Connection };
        Assert.Equal((false, "32MiB"), (pubSub.Canary, pubSub.MaxBacklog.ToString()));
        Assert.Equal((false, false, "64KiB", "32MiB"), (keyspace.Canary, keyspace.Enrich, keyspace.EnrichLimit.ToString(), keyspace.MaxBacklog.ToString()));
        Assert.Equal("penstock:", Connection.KeyPrefix);
    }

    [Fact]
    public void Both_plugins_promise_at_most_once_without_an_instance()
    {
        SourceTraits[] traits = [.. new RedisPubSubPlugin().Modes, .. new RedisKeyspacePlugin().Modes];
        Assert.Equal(2, traits.Length);
        Assert.All(traits, one => Assert.Equal(
            (DeliveryGuarantee.AtMostOnce, false, PositionOrder.None), (one.Guarantee, one.CanReplay, one.PositionOrder)));
    }

    static IEnumerable<string> Check(RedisPubSubOptions options)
    {
        var report = new ConfigReport();
        new RedisPubSubPlugin().Validate(options, report);
        return report.Problems.Select(problem => problem.Pointer);
    }
}
