using System.Text;
using Microsoft.Extensions.Logging;
using Penstock.Redis;
using Penstock.Sources.RedisKeyspace;
using Penstock.Sources.RedisPubSub;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>In a cluster, plain messages come from any node; notifications only from the primary that has the key.</summary>
public sealed class ClusterTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    const string Setting = "notify-keyspace-events";

    ClusterServers Cluster => fixture.Cluster;

    [Fact]
    public async Task Plain_channels_are_listened_to_at_one_node_and_move_when_it_dies()
    {
        await using var listener = new Listener(Sources.PubSub(
            new RedisPubSubOptions { Connection = fixture.Options, Channels = ["news"], Patterns = ["n*s"], Canary = true }));
        await listener.SubscribedAsync();
        var node = Assert.Single(Cluster.Servers, server => fixture.Subscribers(server) > 0);
        Publish(Cluster.Servers.First(server => server != node), "1");
        await listener.EventsAsync(1);
        Assert.True(fixture.IsPrimary(node));

        // Its canaries come by way of another node, as messages do.
        var (published, watermarks) = (Published(node), listener.WatermarkCount);
        await Eventually.HoldsAsync(() => listener.WatermarkCount > watermarks + 2, "canaries come");
        Assert.Equal(published, Published(node));
        await fixture.KillAsync(node);
        await listener.ClosedWindowsAsync(1);
        var next = Assert.Single(Cluster.Servers, server => server.IsRunning && fixture.Subscribers(server) > 0);
        Publish(next, "2");
        await listener.EventsAsync(2);

        Assert.NotEqual(node, next);
        Assert.Equal(["1", "2"], listener.Events.Select(change => change.After!.Value.GetString("message")));
        Assert.Equal(node.Endpoint, listener.Windows[0].Node);
        await fixture.HealAsync(node);
    }

    [Fact]
    [Trait("Scenario", "KN07")]
    public async Task Every_key_is_told_of_once_whichever_primary_has_it()
    {
        await using var listener = Keyspace(enrich: true, canary: true);
        await listener.SubscribedAsync();
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => $"key:{i}")];
        foreach (var key in keys)
        {
            Set(key, key);
        }

        await listener.EventsAsync(keys.Length);
        var watermarks = listener.WatermarkCount;
        await Eventually.HoldsAsync(() => listener.WatermarkCount > watermarks + 6, "what the replicas might send would be here");
        Assert.Equal(keys.Order(), Keys(listener).Order());
        Assert.All(listener.Events, change => Assert.Equal(Encoding.UTF8.GetString(change.Key.Span), change.After!.Value.GetString("value")));
        Assert.All(Cluster.Servers, server => Assert.Equal(fixture.IsPrimary(server) ? 1 : 0, fixture.Subscribers(server)));
        Assert.Empty(listener.Windows);
    }

    [Theory]
    [InlineData(false, "&orders &penstock:canary:* -@all +ping +subscribe +ssubscribe +spublish +cluster|shards")]
    [InlineData(true, "&__keyspace@0__:orders* ~orders* -@all +ping +psubscribe +config|get +info "
        + "+type +memory|usage +get +lrange +smembers +zrange +hgetall +xrevrange "
        + "~penstock:canary:* &__keyspace@0__:penstock:canary:* +set +subscribe +cluster|shards")]
    public async Task The_rights_that_the_readmes_list_are_enough(bool isKeyspace, string rights)
    {
        foreach (var server in Cluster.Servers)
        {
            using var client = Cluster.Client(server);
            client.Send(["ACL", "SETUSER", "app", "reset", "on", ">pw", "resetchannels", .. rights.Split(' ')]);
        }

        var connection = new RedisConnectionOptions
        {
            Endpoints = fixture.Options.Endpoints,
            Topology = fixture.Options.Topology,
            User = "app",
            Password = new Secret("pw"),
        };
        var log = new LogLines();
        await using var listener = new Listener(isKeyspace
            ? Sources.Keyspace(new RedisKeyspaceOptions { Connection = connection, Keys = ["orders*"], Events = ["set"], Enrich = true, Canary = true }, log)
            : Sources.PubSub(new RedisPubSubOptions { Connection = connection, ShardedChannels = ["orders"], Canary = true }, log));
        await listener.SubscribedAsync();
        using var owner = Cluster.Client(Cluster.PrimaryOf("orders"));
        owner.Send(isKeyspace ? "SET" : "SPUBLISH", "orders", "x");
        await listener.EventsAsync(1);
        Assert.Equal("x", listener.Events[0].After!.Value.GetString(isKeyspace ? "value" : "message"));
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Theory]
    [Trait("Scenario", "KN03")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_primary_is_listened_to_and_what_it_told_nobody_lies_inside_a_window(bool crash)
    {
        var key = Cluster.KeyAt(1, "failing");
        var other = Cluster.KeyAt(0, "other");
        var before = Cluster.PrimaryOf(key);
        await using var listener = Keyspace();
        await listener.SubscribedAsync();

        // Other names in the same slot, so that each tells its number.
        await using var publisher = new ClusterPublisher(Cluster, before, number => ["SET", $"{{{key}}}{number}", "1"]);
        await Eventually.HoldsAsync(() => publisher.Count > 200, "keys are set");
        if (crash)
        {
            await fixture.KillAsync(before);
        }
        else
        {
            await fixture.Cluster.FailOverAsync(before);
        }

        var after = Cluster.PrimaryOf(key);
        await Eventually.HoldsAsync(() => fixture.Subscribers(after) == 1, "the new primary is listened to");
        await Eventually.HoldsAsync(() => listener.Windows.Any(window => window.Node == after.Endpoint && window.ClosedAt is not null), "its window is closed");
        var since = publisher.Count;
        await Eventually.HoldsAsync(() => publisher.Count > since + 50, "keys go on");
        var published = await publisher.StopAsync();
        Set(other, "1");
        await Eventually.HoldsAsync(() => Keys(listener).Contains(other) && Numbers(listener, key).Contains(published[^1].Number), "the last key");

        Assert.Empty(LossJudge.Unexplained(published, Numbers(listener, key), listener.Windows));
        Assert.Empty(LossJudge.Repeated(Numbers(listener, key)));
        Assert.Contains(listener.Windows, window => window.Cause == LossCause.Failover && window.Node == after.Endpoint);

        // After a crash just before it was found, the window would have opened at the last checkpoint.
        var found = listener.Windows.First(window => window.Node == after.Endpoint);
        Assert.All(
            listener.Messages.TakeWhile(message => message != found).OfType<Watermark>(),
            watermark => Assert.True(ProofOfLife.FromState(watermark.State.Span).At <= found.OpenedAt, "the checkpoint claims what nobody listened to"));
        Assert.All(listener.Windows.GroupBy(window => window.Node), windows => Assert.NotNull(windows.ToList()[^1].ClosedAt));
        Assert.Equal(0, listener.Retries);
        if (crash)
        {
            await fixture.HealAsync(before);
        }
        else
        {
            Assert.Equal(0, fixture.Subscribers(before));
        }
    }

    [Fact]
    [Trait("Scenario", "KN09")]
    [Trait("Scenario", "KN01")]
    public async Task A_new_primary_without_the_setting_keeps_its_window_open_and_the_others_go_on()
    {
        var before = Cluster.PrimaryOf(Cluster.KeyAt(2));
        var replica = await fixture.Cluster.ReplicaOfAsync(before);
        await using var listener = Keyspace();
        await listener.SubscribedAsync();
        using var client = Cluster.Client(replica);
        client.Send("CONFIG", "SET", Setting, "");
        await fixture.Cluster.FailOverAsync(before);
        await Eventually.HoldsAsync(() => listener.Windows.Any(window => window.Node == replica.Endpoint), "the window of the new primary");
        var events = listener.EventCount;
        var elsewhere = Cluster.KeyAt(0, "elsewhere");
        await Eventually.HoldsAsync(
            () =>
            {
                Set(elsewhere, "1");
                return listener.EventCount > events + 20;
            },
            "the others go on");
        Assert.All(listener.Windows, window => Assert.Null(window.ClosedAt));
        client.Send("CONFIG", "SET", Setting, "KA");
        await listener.ClosedWindowsAsync(1);
        var key = Cluster.KeyAt(2, "again");
        Set(key, "1");
        await Eventually.HoldsAsync(() => Keys(listener).Contains(key), "it is listened to");
        Assert.Null(listener.Failure);
    }

    [Fact]
    public async Task A_key_whose_slot_moves_is_told_of_as_deleted_and_restored_and_nothing_is_missed()
    {
        var key = Cluster.KeyAt(0, "wandering");
        await using var listener = new Listener(Sources.Keyspace(new RedisKeyspaceOptions { Connection = fixture.Options, Keys = [key] }));
        await listener.SubscribedAsync();
        Set(key, "1");
        await listener.EventsAsync(1);
        await Cluster.MigrateAsync(Cluster.SlotOf(key), Cluster.PrimaryOf(Cluster.KeyAt(1)));
        Set(key, "2");
        await listener.EventsAsync(4);

        var names = listener.Events.Select(change => change.After!.Value.GetString("event")).ToList();
        Assert.Equal("set", names[0]);
        Assert.Equal(["del", "restore", "set"], names.Skip(1).Order());
        Assert.Empty(listener.Windows);
    }

    string? Published(RedisServer node)
    {
        using var client = Cluster.Client(node);
        return $"{client.Send("INFO", "commandstats")}".Split('\n').FirstOrDefault(line => line.StartsWith("cmdstat_publish:", StringComparison.Ordinal));
    }

    Listener Keyspace(bool enrich = false, bool canary = false) => new(Sources.Keyspace(
        new RedisKeyspaceOptions { Connection = fixture.Options, Events = ["set"], Enrich = enrich, Canary = canary }));

    void Set(string key, string value)
    {
        using var client = Cluster.Client(Cluster.PrimaryOf(key));
        client.Send("SET", key, value);
    }

    void Publish(RedisServer server, string message)
    {
        using var client = Cluster.Client(server);
        client.Send("PUBLISH", "news", message);
    }

    static IReadOnlyList<string> Keys(Listener listener) => [.. listener.Events.Select(change => Encoding.UTF8.GetString(change.Key.Span))];

    static IReadOnlyList<int> Numbers(Listener listener, string key) =>
        [.. Keys(listener).Where(name => name.StartsWith($"{{{key}}}", StringComparison.Ordinal)).Select(name => int.Parse(name[(key.Length + 2)..]))];
}
