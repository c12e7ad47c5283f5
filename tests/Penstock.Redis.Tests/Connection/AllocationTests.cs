using Penstock.TestServers;

namespace Penstock.Redis.Tests;

/// <summary>Counts what the whole process allocates, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    [Fact]
    public async Task A_small_reply_does_not_cost_a_block()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < 1000; i++)
        {
            await connection.DoAsync("PING");
        }

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 1, 1000 * 16 * 1024);
    }
}
