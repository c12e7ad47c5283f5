using System.Text;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

public sealed class MessageTests
{
    [Fact]
    [Trait("Scenario", "PS10")]
    public async Task A_message_that_several_names_match_is_delivered_once()
    {
        await using var server = await RedisServer.StartAsync();
        await using var publisher = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["a.b", "end"], ["a.*", "*.b", "?.[b-c]"]));
        await listener.SubscribedAsync();
        string[] channels = ["a.b", "a.c", "c.b", "a.x.b", "x.c", "a.b", "end"];
        var received = 0L;
        foreach (var channel in channels)
        {
            received += (await publisher.DoAsync("PUBLISH", channel, "1")).AsInt64();
        }

        await listener.EventsAsync(channels.Length);
        Assert.Equal(channels, listener.Events.Select(change => change.Subject));
        Assert.True(received > channels.Length, "The server itself delivers them once per name.");
    }

    [Fact]
    [Trait("Scenario", "PS13")]
    public async Task Channels_and_payloads_are_bytes()
    {
        await using var server = await RedisServer.StartAsync();
        await using var publisher = await Redis.ConnectAsync(server);
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), ["größe"], ["bin*"]));
        await listener.SubscribedAsync();
        byte[] channel = [.. "bin"u8, 0, 0xff, (byte)'\r', (byte)'\n'];
        byte[] everyByte = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        var large = new byte[3 * 1024 * 1024];
        Random.Shared.NextBytes(large);
        await publisher.PublishAsync(channel, everyByte);
        await publisher.PublishAsync(channel, []);
        await publisher.PublishAsync(Encoding.UTF8.GetBytes("größe"), large);

        await listener.EventsAsync(3);
        Assert.Equal([channel, channel, Encoding.UTF8.GetBytes("größe")], listener.Events.Select(change => change.Key.ToArray()));
        Assert.Equal([everyByte, [], large], listener.Events.Select(change => change.After!.Value[0].ToArray()));
        Assert.Equal("größe", listener.Events[2].Subject);
        Assert.All(listener.Events, change => Assert.Equal((ChangeKind.Message, null), (change.Kind, change.OccurredAt)));
        Assert.Equal("message", listener.Events[0].After!.Value.Schema[0].Name);
        Assert.Equal(3, listener.Events.Select(change => change.Position).Distinct().Count());
    }

    [Fact]
    public async Task Thousands_of_names_are_subscribed_while_messages_pour_in()
    {
        const int names = 5000;
        await using var server = await RedisServer.StartAsync();
        await using var publisher = await Publisher.StartAsync(server, "c0");
        await using var admin = await Redis.ConnectAsync(server);
        string[] channels = [.. Enumerable.Range(0, names).Select(i => $"c{i}")];
        await using var listener = new Listener(Sources.PubSub(Redis.Options(server), channels, ["p*"]));
        await listener.SubscribedAsync();
        await publisher.StopAsync();
        Assert.Equal(0, listener.Retries);
        foreach (var channel in channels)
        {
            Assert.Equal(1, (await admin.DoAsync("PUBLISH", channel, "last")).AsInt64());
        }

        await Eventually.HoldsAsync(() => listener.Events[^1].Subject == $"c{names - 1}", "the last channel");
        Assert.Equal(channels, listener.Events.TakeLast(names).Select(change => change.Subject));
    }
}
