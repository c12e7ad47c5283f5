using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>The way out of a lost position: an operator decides, and the pipeline goes on.</summary>
public sealed class PositionResetTests
{
    const int PositionLost = 4;

    [Fact]
    public async Task After_a_dropped_slot_a_reset_lets_the_pipeline_go_on_where_the_new_slot_stands()
    {
        await using var world = await WalToRedis.StartAsync();
        using (var host = world.StartHost())
        {
            await world.SlotAsync();
            world.Execute("UPDATE counters SET n = 1 WHERE id = 1");
            await Eventually.HoldsAsync(() => world.Redis.Send("EXISTS", WalToRedis.Stream) is 1L, "the first change arrives");
            Assert.Equal(1, (await ResetAsync(world, "--yes")).ExitCode);
            Assert.Equal(0, await host.TerminateAsync());
        }

        world.Execute("SELECT pg_drop_replication_slot('penstock_e2e')");
        world.Execute("UPDATE counters SET n = 2 WHERE id = 1");
        using (var refused = world.StartHost())
        {
            Assert.Equal(PositionLost, await refused.WaitAsync());
            Assert.Contains("penstock positions reset PIPELINE/SOURCE --to start", refused.Errors);
        }

        // Says what it would do, and does nothing.
        Assert.Equal(2, (await ResetAsync(world)).ExitCode);
        using (var refused = world.StartHost())
        {
            Assert.Equal(PositionLost, await refused.WaitAsync());
        }

        Assert.Equal(0, (await ResetAsync(world, "--yes")).ExitCode);
        using var second = world.StartHost();
        await world.SlotAsync();
        world.Execute("UPDATE counters SET n = 3 WHERE id = 1");
        await Eventually.HoldsAsync(() => world.StreamLength() == 2, "the change after the reset arrives");

        Assert.Equal([1, 3], world.Delivered().Select(change => change.Value));
        Assert.Equal(0, await second.TerminateAsync());
    }

    static Task<(int ExitCode, string Output, string Errors)> ResetAsync(WalToRedis world, params string[] further) =>
        HostRun.ToEndAsync(["positions", "reset", "counters/db", "--to", "start", "-c", world.ConfigFile, .. further]);
}
