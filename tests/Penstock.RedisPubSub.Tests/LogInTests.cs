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
