using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

public sealed class StopTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Stopping_ends_an_idle_source_and_its_connection_and_proves_life_once_more()
    {
        await using var server = await RedisServer.StartAsync();
        await using var admin = await Redis.ConnectAsync(server);
        await using var source = Sources.PubSub(Redis.Options(server), ["news"]);
        await using var listener = new Listener(source);
        await listener.SubscribedAsync();
        Assert.Single(await admin.SubscribersAsync());
        var watermarks = listener.Watermarks.Count;
        await StopsSoonAsync(listener);
        Assert.True(listener.Watermarks.Count > watermarks);
        Assert.Empty(listener.Windows);
        await Eventually.HoldsAsync(async () => (await admin.SubscribersAsync()).Count == 0, "the connection is closed");
        await source.AcknowledgeAsync(listener.Watermarks, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Stopping_ends_a_source_whose_server_keeps_it_busy()
    {
        await using var server = await RedisServer.StartAsync();
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["numbers"]));
        await listener.SubscribedAsync();
        await using var publisher = await Publisher.StartAsync(server, "numbers");
        await listener.EventsAsync(1000);
        await StopsSoonAsync(listener);
        Assert.IsType<Watermark>(listener.Messages[^1]);
    }

    [Fact]
    public async Task Stopping_ends_a_source_whose_server_is_frozen_or_gone()
    {
        await using var server = await RedisServer.StartAsync();
        await using var listening = new Listener(Sources.PubSub(Redis.Options(server), ["news"]));
        await listening.SubscribedAsync();
        server.Freeze();
        await StopsSoonAsync(listening);
        server.Kill();
        await using var connecting = new Listener(Sources.PubSub(Redis.Options(server), ["news"]));
        await Eventually.HoldsAsync(() => connecting.Retries > 0, "an attempt to connect");
        await StopsSoonAsync(connecting);
        Assert.Null(connecting.Failure);
    }

    [Fact]
    public async Task A_proof_of_life_comes_about_once_a_second_while_nothing_is_published()
    {
        await using var server = await RedisServer.StartAsync();
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["news"]));
        await listener.SubscribedAsync();
        var watch = Stopwatch.StartNew();
        var before = listener.Watermarks.Count;
        await Eventually.HoldsAsync(() => listener.Watermarks.Count >= before + 3, "three proofs");
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
    }

    static async Task StopsSoonAsync(Listener listener)
    {
        var watch = Stopwatch.StartNew();
        await listener.StopAsync();
        Assert.True(watch.Elapsed < Soon, $"Stopping took {watch.Elapsed}.");
    }
}
