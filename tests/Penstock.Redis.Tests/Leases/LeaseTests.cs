using Penstock.TestServers;

namespace Penstock.Redis.Tests.Leases;

public sealed class LeaseTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_has_it_and_the_next_one_has_a_higher_epoch()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var connection = await ConnectAsync(server);
        var first = new Lease("l:{s}", TimeProvider.System);
        var second = new Lease("l:{s}", TimeProvider.System);
        Assert.False(first.IsHeld);
        Assert.True(await first.TryTakeAsync(connection, Token));
        Assert.False(await second.TryTakeAsync(connection, Token));
        Assert.Equal((true, 1L, false, 0L), (first.IsHeld, first.Epoch, second.IsHeld, second.Epoch));
        Assert.InRange(redis.SendForNumber("PTTL", "l:{s}"), 1, 3000);

        // Taken again, because the reply was lost: the same lease.
        Assert.True(await first.TryTakeAsync(connection, Token));
        Assert.Equal(1, first.Epoch);

        await first.ReleaseAsync(connection, Token);
        Assert.False(first.IsHeld);
        Assert.True(await second.TryTakeAsync(connection, Token));
        Assert.Equal(2, second.Epoch);
        Assert.NotEqual(first.Value, second.Value);
    }

    [Fact]
    public async Task Who_lost_it_neither_renews_nor_releases_what_another_has()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var connection = await ConnectAsync(server);
        var first = new Lease("l", TimeProvider.System);
        var second = new Lease("l", TimeProvider.System);
        Assert.True(await first.TryTakeAsync(connection, Token));
        Assert.True(await first.RenewAsync(connection, Token));
        redis.Send("DEL", "l");
        Assert.True(await second.TryTakeAsync(connection, Token));
        Assert.False(await first.RenewAsync(connection, Token));
        Assert.False(first.IsHeld);
        await first.ReleaseAsync(connection, Token);
        Assert.Equal(second.Value, redis.Send("GET", "l"));
    }

    [Fact]
    public async Task It_counts_as_lost_here_before_it_ends_at_the_server()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var connection = await ConnectAsync(server);
        var clock = new SetClock();
        var lease = new Lease("l", clock);
        Assert.True(await lease.TryTakeAsync(connection, Token));
        clock.Now += TimeSpan.FromSeconds(2.4);
        Assert.True(lease.IsHeld);
        Assert.True(await lease.RenewAsync(connection, Token));
        clock.Now += TimeSpan.FromSeconds(2.6);
        Assert.False(lease.IsHeld);
        Assert.Equal(lease.Value, redis.Send("GET", "l"));
    }

    [Fact]
    public async Task A_server_that_forgot_its_scripts_is_sent_them_again()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var connection = await ConnectAsync(server);
        var lease = new Lease("l", TimeProvider.System);
        Assert.True(await lease.TryTakeAsync(connection, Token));
        redis.Send("SCRIPT", "FLUSH");
        Assert.True(await lease.RenewAsync(connection, Token));
    }

    [Theory]
    [InlineData("orders", "{orders}")]
    [InlineData("a{b}c{d}", "{b}")]
    public void A_key_beside_a_stream_has_its_tag(string stream, string tag) => Assert.Equal(tag, HashTag.Of(stream));

    static ValueTask<RedisConnection> ConnectAsync(RedisServer server) =>
        new RedisServers(new RedisConnectionOptions { Endpoints = [server.Endpoint] }, "test", TimeProvider.System).ConnectAsync(Token);

    sealed class SetClock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
