using Microsoft.Extensions.Logging;
using Penstock.Sources.RedisKeyspace;
using Penstock.Sources.RedisPubSub;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

public sealed class LogInTests
{
    const string Canary = "c4nary-s3cret";

    [Fact]
    public async Task A_wrong_password_is_permanent_and_never_shown()
    {
        await using var server = await RedisServer.StartAsync(new() { Password = "right" });
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server, password: Canary), ["news"]));
        await listener.EndedAsync();
        Assert.Equal(FailureKind.Permanent, listener.Failure!.Kind);
        Assert.Contains("connection.password", listener.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, listener.Failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rights_that_the_readme_lists_are_enough()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines = ["user app on >pw resetchannels &orders &orders.* -@all +ping +subscribe +psubscribe"],
        });
        await using var publisher = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server, "app", "pw"), ["orders"], ["orders.*"]));
        await listener.SubscribedAsync();
        await publisher.DoAsync("PUBLISH", "orders.1", "x");
        await listener.EventsAsync(1);
    }

    [Fact]
    public async Task The_rights_for_sharded_channels_and_canaries_are_enough()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines =
            [
                "user app on >pw resetchannels &orders &penstock:canary:* -@all +ping +subscribe +ssubscribe +publish",
            ],
        });
        await using var publisher = await Redis.ConnectAsync(server);
        var log = new LogLines();
        await using var listener = new Listener(Sources.PubSub(
            new RedisPubSubOptions { Connection = Redis.Options(server, "app", "pw"), ShardedChannels = ["orders"], Canary = true }, log));
        await listener.SubscribedAsync();
        await publisher.DoAsync("SPUBLISH", "orders", "x");
        await listener.EventsAsync(1);
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task The_rights_for_notifications_values_and_canaries_are_enough()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines =
            [
                "notify-keyspace-events KA",
                "user app on >pw resetchannels &__keyspace@0__:session:* -@all +ping +psubscribe +config|get +info "
                + "~session:* +type +memory|usage +get +lrange +smembers +zrange +hgetall +xrevrange "
                + "~penstock:canary:* &__keyspace@0__:penstock:canary:* +set +subscribe",
            ],
        });
        await using var redis = await Redis.ConnectAsync(server);
        var log = new LogLines();
        await using var listener = new Listener(Sources.Keyspace(
            new RedisKeyspaceOptions { Connection = Redis.Options(server, "app", "pw"), Keys = ["session:*"], Enrich = true, Canary = true }, log));
        await listener.SubscribedAsync();
        string[][] commands =
        [
            ["SET", "session:1", "v"], ["RPUSH", "session:2", "v"], ["SADD", "session:3", "v"], ["ZADD", "session:4", "1", "v"],
            ["HSET", "session:5", "f", "v"], ["XADD", "session:6", "*", "f", "v"],
        ];
        foreach (var command in commands)
        {
            await redis.DoAsync(command);
        }

        await listener.EventsAsync(commands.Length);
        Assert.All(listener.Events, change => Assert.NotNull(change.After!.Value.GetString("value")));
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_channel_without_the_right_to_it_is_permanent_and_says_what_to_do()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines = ["user app on >pw resetchannels &orders -@all +ping +subscribe"],
        });
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server, "app", "pw"), ["orders", "secrets"]));
        await listener.EndedAsync();
        Assert.Equal(FailureKind.Permanent, listener.Failure!.Kind);
        Assert.Contains("NOPERM", listener.Failure.Message, StringComparison.Ordinal);
        Assert.Contains("ACL SETUSER", listener.Failure.Message, StringComparison.Ordinal);
    }
}
