using System.Globalization;
using Penstock.TestServers;

namespace Penstock.Redis.Tests;

/// <summary>Whoever lets earlier replies go gets the right ones all the same, for next to no memory.</summary>
[Collection(nameof(AllocationTests))]
public sealed class ReuseTests
{
    const int Commands = 1000;
    const int Rounds = 60;

    [Fact]
    public async Task Replies_are_right_and_their_memory_is_used_again()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await RunAsync(connection, letGo: true, 0);
        var reused = await RunAsync(connection, letGo: true, 1);
        var kept = await RunAsync(connection, letGo: false, 2);

        // Some 50 bytes for each command; and the same measurement sees it when the memory is not used again.
        Assert.InRange(reused, 0, Rounds * Commands * 12);
        Assert.InRange(kept, Rounds * Commands * 40, long.MaxValue);
    }

    [Fact]
    public async Task Replies_that_nobody_let_go_stay_as_they_are()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        var (held, _) = await SendAsync(connection, letGo: false, 0);
        await RunAsync(connection, letGo: false, 1);
        Check(held, 0);

        // Once let go they are overwritten, so the check above would have seen it.
        (held, _) = await SendAsync(connection, letGo: false, 0);
        await RunAsync(connection, letGo: true, 2);
        Assert.ThrowsAny<Exception>(() => Check(held, 0));
    }

    [Fact]
    public async Task A_first_reply_with_parts_of_its_own_is_not_let_go_with_the_earlier_ones()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        var commands = new CommandBuffer();
        for (var list = 0; list < 2; list++)
        {
            await connection.DoAsync(["RPUSH", $"list{list}", .. Enumerable.Range(0, Commands).Select(i => Text(list, i))]);
            commands.AddCommand("LRANGE", $"list{list}", "0", "-1");
        }

        var replies = new RespValue[2];
        for (var round = 0; round < Rounds; round++)
        {
            await connection.ExecuteOverEarlierAsync(commands, replies, TestContext.Current.CancellationToken);
            Check(replies[0], 0);
            Check(replies[1], 1);
        }
    }

    // Returns what was allocated for sending and receiving.
    static async Task<long> RunAsync(RedisConnection connection, bool letGo, int seed)
    {
        var allocated = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            var (replies, bytes) = await SendAsync(connection, letGo, (seed * Rounds) + round);
            Check(replies, (seed * Rounds) + round);
            allocated += bytes;
        }

        return allocated;
    }

    static async Task<(RespValue Replies, long Allocated)> SendAsync(RedisConnection connection, bool letGo, int seed)
    {
        var commands = new CommandBuffer();
        commands.AddCommand("MULTI");
        for (var i = 0; i < Commands; i++)
        {
            commands.AddCommand("ECHO", Text(seed, i));
        }

        commands.AddCommand("EXEC");
        var replies = new RespValue[Commands + 2];
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await (letGo
            ? connection.ExecuteOverEarlierAsync(commands, replies, CancellationToken.None)
            : connection.ExecuteAsync(commands, replies, CancellationToken.None));
        return (replies[^1], GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    static void Check(RespValue replies, int seed)
    {
        Assert.Equal(Commands, replies.Count);
        for (var i = 0; i < Commands; i++)
        {
            Assert.Equal(Text(seed, i), replies[i].AsText());
        }
    }

    static string Text(int seed, int i) => string.Create(CultureInfo.InvariantCulture, $"{seed}:{i:D8}");
}
