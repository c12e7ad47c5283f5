using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>Short words for what the tests do at the server.</summary>
static class Redis
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static RedisConnectionOptions Options(RedisServer server, string? user = null, string password = "", int database = 0) => new()
    {
        Endpoints = [server.Endpoint],
        User = user,
        Password = new Secret(password),
        Database = database,
        ConnectTimeout = TimeSpan.FromMilliseconds(500),
    };

    public static ValueTask<RedisConnection> ConnectAsync(RedisServer server, int database = 0) =>
        new RedisServers(Options(server, database: database), "penstock-test", TimeProvider.System).ConnectAsync(Stop);

    public static ValueTask<RespValue> DoAsync(this RedisConnection connection, params ReadOnlySpan<string> command) =>
        connection.ExecuteAsync(command, Stop);

    public static async Task PublishAsync(this RedisConnection connection, byte[] channel, byte[] payload)
    {
        var command = new CommandBuffer();
        command.Begin(3);
        command.Add("PUBLISH"u8);
        command.Add(channel);
        command.Add(payload);
        await connection.ExecuteAsync(command, TimeSpan.Zero, Stop);
    }

    public static async Task SetAsync(this RedisConnection connection, ReadOnlyMemory<byte> key, byte[] value)
    {
        var command = new CommandBuffer();
        command.Begin(3);
        command.Add("SET"u8);
        command.Add(key.Span);
        command.Add(value);
        await connection.ExecuteAsync(command, TimeSpan.Zero, Stop);
    }

    /// <summary>The ids of the connections that have subscribed.</summary>
    public static async Task<IReadOnlyList<string>> SubscribersAsync(this RedisConnection connection)
    {
        var list = (await connection.DoAsync("CLIENT", "LIST", "TYPE", "PUBSUB")).AsText();
        return [.. list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]["id=".Length..])];
    }
}
