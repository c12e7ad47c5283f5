using System.Text;
using Microsoft.Extensions.Logging;
using Penstock.Sources.RedisKeyspace;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

public sealed class KeyspaceTests
{
    const string Setting = "notify-keyspace-events";

    [Fact]
    public async Task Only_the_events_and_keys_that_are_asked_for_arrive()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"{Setting} KA"] });
        await using var redis = await Redis.ConnectAsync(server);
        await using var some = new Listener(Sources.Keyspace(Redis.Options(server), ["user:*", "*:1"], ["set", "del", "expired"]));
        await using var all = new Listener(Sources.Keyspace(Redis.Options(server), ["*"], []));
        await some.SubscribedAsync();
        await all.SubscribedAsync();
        await redis.DoAsync("SET", "user:1", "a");
        await redis.DoAsync("HSET", "user:2", "f", "v");
        await redis.DoAsync("SET", "order:2", "a");
        await redis.DoAsync("DEL", "user:1");
        await redis.DoAsync("SET", "user:3", "a", "PX", "30");
        await Eventually.HoldsAsync(async () => (await redis.DoAsync("EXISTS", "user:3")).AsInt64() == 0, "the key expires");
        await redis.DoAsync("SET", "order:1", "a");

        await some.EventsAsync(5);
        Assert.Equal(["set user:1", "del user:1", "set user:3", "expired user:3", "set order:1"], Texts(some));
        await all.EventsAsync(8);
        Assert.Equal(
            ["set user:1", "hset user:2", "set order:2", "del user:1", "set user:3", "expire user:3", "expired user:3", "set order:1"],
            Texts(all));
        Assert.All(some.Events, change => Assert.Equal(
            ("keyspace:0", ChangeKind.Message, null), (change.Subject, change.Kind, change.OccurredAt)));
    }

    [Fact]
    [Trait("Scenario", "KN08")]
    public async Task Keys_are_bytes_and_only_those_of_the_connections_database_count()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"{Setting} KA"] });
        await using var other = await Redis.ConnectAsync(server);
        await using var same = await Redis.ConnectAsync(server, database: 5);
        await using var listener = new Listener(Sources.Keyspace(Redis.Options(server, database: 5), ["*"], ["set"]));
        await listener.SubscribedAsync();
        byte[] key = [0, 0xff, (byte)'\n', (byte)' ', (byte)':'];
        await other.DoAsync("SET", "elsewhere", "1");
        await same.SetAsync(key, [(byte)'1']);
        await listener.EventsAsync(1);
        var change = Assert.Single(listener.Events);
        Assert.Equal("keyspace:5", change.Subject);
        Assert.Equal(key, change.Key.ToArray());
        Assert.Equal(key, change.After!.Value[1].ToArray());
    }

    [Fact]
    [Trait("Scenario", "KN01")]
    public async Task A_setting_that_is_cleared_later_is_a_loss_window_until_it_is_set_again()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"{Setting} KA"] });
        await using var redis = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.Keyspace(Redis.Options(server), ["*"], ["set"]));
        await listener.SubscribedAsync();
        await redis.DoAsync("SET", "before", "1");
        await listener.EventsAsync(1);

        var before = DateTimeOffset.UtcNow;
        await redis.DoAsync("CONFIG", "SET", Setting, "");
        await redis.DoAsync("SET", "missed", "1");
        var missedAt = DateTimeOffset.UtcNow;
        await Eventually.HoldsAsync(() => listener.Windows.Count == 1, "the window opens", TimeSpan.FromSeconds(10));
        await Eventually.HoldsAsync(() => listener.Retries > 1, "the source goes on trying");
        await redis.DoAsync("CONFIG", "SET", Setting, "KA");
        await listener.ClosedWindowsAsync(1);
        await redis.DoAsync("SET", "after", "1");
        await listener.EventsAsync(2);

        Assert.Equal(["set before", "set after"], Texts(listener));
        Assert.Null(listener.Failure);
        var window = Assert.Single(listener.Windows, window => window.ClosedAt is not null);
        Assert.Equal(LossCause.SettingCleared, window.Cause);
        Assert.InRange(window.OpenedAt, before.AddSeconds(-5), before);
        Assert.InRange(window.ClosedAt!.Value, missedAt, DateTimeOffset.UtcNow);
        Assert.Contains(Setting, window.Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Scenario", "KN01")]
    public async Task Missing_flags_are_permanent_and_the_remedy_in_the_message_works()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"{Setting} Ex"] });
        await using var redis = await Redis.ConnectAsync(server);
        await using var refused = new Listener(Sources.Keyspace(Redis.Options(server), ["*"], ["set", "expired"]));
        await refused.EndedAsync();
        Assert.Equal(FailureKind.Permanent, refused.Failure!.Kind);
        Assert.Contains($"CONFIG SET {Setting} xEK$", refused.Failure.Message, StringComparison.Ordinal);
        Assert.Contains($"\"{Setting} xEK$\" into redis.conf", refused.Failure.Message, StringComparison.Ordinal);

        await redis.DoAsync("CONFIG", "SET", Setting, "xEK$");
        await using var accepted = new Listener(Sources.Keyspace(Redis.Options(server), ["*"], ["set", "expired"]));
        await accepted.SubscribedAsync();
        await redis.DoAsync("SET", "a", "1");
        await accepted.EventsAsync(1);
    }

    [Theory]
    [InlineData("", new string[0], "KA")]
    [InlineData("KA", new string[0], "")]
    [InlineData("g$lshztxeK", new string[0], "")]
    [InlineData("g$lshztxK", new string[0], "A")]
    [InlineData("KA", new[] { "set", "expired" }, "")]
    [InlineData("K$", new[] { "set", "append", "expired", "del" }, "xg")]
    [InlineData("KA", new[] { "keymiss", "new" }, "mn")]
    [InlineData("K", new[] { "something-of-a-module" }, "")]
    public void The_flags_that_are_missing_are_told(string setting, string[] events, string missing) =>
        Assert.Equal(missing, NotificationFlags.Missing(setting, NotificationFlags.Needed(events, hasCanary: false)));

    [Fact]
    public async Task Without_the_right_to_see_the_setting_the_source_says_so_and_goes_on()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines = [$"{Setting} KA", "user app on >pw resetchannels &__keyspace@0__:* -@all +ping +psubscribe"],
        });
        await using var redis = await Redis.ConnectAsync(server);
        var log = new LogLines();
        await using var listener = new Listener(Sources.Keyspace(Redis.Options(server, "app", "pw"), ["*"], [], log));
        await listener.SubscribedAsync();
        await redis.DoAsync("SET", "a", "1");
        await listener.EventsAsync(1);
        var warnings = log.Lines.Where(line => line.Level == LogLevel.Warning).Select(line => line.Text).ToList();
        Assert.Equal(2, warnings.Count);
        Assert.Contains($"Cannot read {Setting}", warnings[0], StringComparison.Ordinal);
        Assert.Contains("whether somebody empties the database", warnings[1], StringComparison.Ordinal);
        Assert.All(warnings, warning => Assert.Contains("without a loss window", warning, StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_the_right_to_see_the_setting_nothing_is_warned_of()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines = [$"{Setting} KA", "user app on >pw resetchannels &__keyspace@0__:* -@all +ping +psubscribe +config|get +info"],
        });
        var log = new LogLines();
        await using var listener = new Listener(Sources.Keyspace(Redis.Options(server, "app", "pw"), ["*"], ["set"], log));
        await listener.SubscribedAsync();
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task An_event_that_nobody_knows_is_warned_of()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"{Setting} KA"] });
        var log = new LogLines();
        await using var listener = new Listener(Sources.Keyspace(Redis.Options(server), ["*"], ["set", "expierd"], log));
        await listener.SubscribedAsync();
        var warning = Assert.Single(log.Lines, line => line.Level == LogLevel.Warning);
        Assert.Contains("\"expierd\" is no event", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_connection_is_a_window_and_notifications_go_on()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"{Setting} KA"] });
        await using var redis = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.Keyspace(Redis.Options(server), ["*"], ["set"]));
        await listener.SubscribedAsync();
        await redis.DoAsync("CLIENT", "KILL", "TYPE", "PUBSUB");
        await listener.ClosedWindowsAsync(1);
        await redis.DoAsync("SET", "after", "1");
        await listener.EventsAsync(1);
        Assert.Equal(["set after"], Texts(listener));
        Assert.Equal([LossCause.Disconnected, LossCause.Disconnected], listener.Windows.Select(window => window.Cause));
    }

    static IEnumerable<string> Texts(Listener listener) => listener.Events.Select(
        change => $"{change.After!.Value.GetString("event")} {Encoding.UTF8.GetString(change.Key.Span)}");
}
