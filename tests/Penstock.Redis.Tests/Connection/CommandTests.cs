using System.Security.Cryptography;
using Penstock.TestServers;

namespace Penstock.Redis.Tests;

public sealed class CommandTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pipelined_commands_are_answered_in_order_and_an_error_is_one_reply_among_others()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        const int count = 10_000;
        var commands = new CommandBuffer();
        for (var i = 0; i < count; i++)
        {
            commands.Begin(i == 5000 ? 1 : 2);
            commands.Add(i == 5000 ? "NOSUCH"u8 : "ECHO"u8);
            if (i != 5000)
            {
                commands.Add(i);
            }
        }

        var replies = new RespValue[count];
        await connection.ExecuteAsync(commands, replies, Stop);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(i == 5000, replies[i].IsError);
            Assert.True(i == 5000 || replies[i].AsInt64() == i);
        }
    }

    [Fact]
    public async Task Values_stay_intact_after_many_later_reads()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        var random = new Random(20261120);
        var kept = new List<(RespValue Value, byte[] Hash)>();
        var commands = new CommandBuffer();
        for (var i = 0; i < 2000; i++)
        {
            // Mostly values that share a block, now and then one that spans many.
            var value = new byte[i % 100 == 0 ? random.Next(200_000) : random.Next(300)];
            random.NextBytes(value);
            commands.Clear();
            commands.Begin(2);
            commands.Add("ECHO"u8);
            commands.Add(value);
            kept.Add((await connection.ExecuteAsync(commands, TimeSpan.Zero, Stop), SHA256.HashData(value)));
        }

        GC.Collect();
        Assert.All(kept, pair => Assert.Equal(pair.Hash, SHA256.HashData(pair.Value.Span)));
    }

    [Fact]
    public async Task A_very_large_value_goes_out_and_comes_back()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        var value = new byte[20_000_000];
        new Random(7).NextBytes(value);
        var commands = new CommandBuffer();
        commands.Begin(2);
        commands.Add("ECHO"u8);
        commands.Add(value);
        var reply = await connection.ExecuteAsync(commands, TimeSpan.Zero, Stop);
        Assert.True(reply.Span.SequenceEqual(value));
    }

    [Fact]
    public async Task An_error_reply_is_typed()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await connection.DoAsync("SET", "text", "x");
        var error = await Assert.ThrowsAsync<RedisException>(async () => await connection.DoAsync("XLEN", "text"));
        Assert.Equal(("WRONGTYPE", FailureKind.Permanent), (error.Code, error.Kind));
        Assert.Equal("PONG", (await connection.DoAsync("PING")).AsText());
    }

    [Fact]
    public async Task Cancelling_a_blocking_command_ends_it_at_once_and_closes_its_connection()
    {
        await using var server = await RedisServer.StartAsync();
        await using var observer = await RedisFixture.ConnectAsync(server);
        await using var connection = await RedisFixture.ConnectAsync(server);
        using var cancel = new CancellationTokenSource();
        var blocking = Pop(connection, cancel.Token);
        await Eventually.HoldsAsync(async () => (await Clients(observer)).Contains("cmd=blpop", StringComparison.Ordinal), "the client blocks");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocking);
        Assert.False(connection.IsOpen);
        await Assert.ThrowsAsync<RedisConnectionException>(async () => await connection.DoAsync("PING"));
        await Eventually.HoldsAsync(async () => !(await Clients(observer)).Contains("cmd=blpop", StringComparison.Ordinal), "the server let the client go");

        static async Task Pop(RedisConnection connection, CancellationToken cancellation)
        {
            var command = new CommandBuffer();
            command.AddCommand("BLPOP", "nothing", "60");
            await connection.ExecuteAsync(command, TimeSpan.FromSeconds(60), cancellation);
        }

        static async Task<string> Clients(RedisConnection observer) => (await observer.DoAsync("CLIENT", "LIST")).AsText();
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_the_command_timeout()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(RedisFixture.Options(server, commandTimeout: "200ms"));
        server.Freeze();
        var error = await Assert.ThrowsAsync<RedisConnectionException>(async () => await connection.DoAsync("PING"));
        server.Thaw();
        Assert.Contains("did not answer within 200ms", error.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Transient, error.Kind);
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task A_killed_server_fails_what_is_outstanding()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        var command = new CommandBuffer();
        command.AddCommand("BLPOP", "nothing", "60");
        var blocking = connection.ExecuteAsync(command, TimeSpan.FromSeconds(60), Stop).AsTask();
        server.Kill();
        await Assert.ThrowsAsync<RedisConnectionException>(() => blocking);
    }
}
