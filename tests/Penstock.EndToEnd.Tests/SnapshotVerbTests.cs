using Penstock.EndToEnd.Tests.Chaos;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

public sealed class SnapshotVerbTests
{
    const int Rows = 3000;

    [Fact]
    [Trait("Scenario", "PG32")]
    public async Task Tables_are_read_again_while_the_host_runs_and_at_its_next_start()
    {
        using var world = new SnapshotWorld(Rows, batch: 1000, snapshot: "never");
        using (var host = world.StartHost())
        {
            await world.SlotAsync();
            var asked = await AskAsync(world, "public.items");
            Assert.Equal((0, ""), (asked.ExitCode, asked.Errors));
            await Eventually.HoldsAsync(() => world.Snapshots == Rows && world.Requests == 0, "the table is read");
            await host.LogsAsync("will be read again, as was asked for");
            Assert.Equal(0, await host.TerminateAsync());
        }

        var json = await AskAsync(world, "public.items", "--json");
        Assert.Equal((0, 1), (json.ExitCode, world.Requests));
        Assert.Contains("\"requested\": true", json.Output, StringComparison.Ordinal);
        using var second = world.StartHost();
        await Eventually.HoldsAsync(() => world.Snapshots == 2 * Rows && world.Requests == 0, "the table is read again");
        await world.CatchUpAsync();
        Assert.Equal(0, await second.TerminateAsync());
        Assert.Equal((2 * Rows, Rows, 0, 0), Of(world.Judge()));
    }

    [Fact]
    public async Task A_table_that_the_source_does_not_read_is_refused()
    {
        using var world = new SnapshotWorld(1, batch: 1000, snapshot: "never");

        var refused = await AskAsync(world, "public.itmes");

        Assert.Equal((2, 0), (refused.ExitCode, world.Requests));
        Assert.Contains("does not read table \"public.itmes\"; expected one of public.items; did you mean \"public.items\"?", refused.Errors, StringComparison.Ordinal);
    }

    static (int Snapshots, int Doubles, int Back, int Different) Of(SnapshotVerdict verdict) => (verdict.Snapshots, verdict.Doubles, verdict.Back, verdict.Different);

    static Task<(int ExitCode, string Output, string Errors)> AskAsync(SnapshotWorld world, string table, params string[] further) =>
        HostRun.ToEndAsync(["snapshot", "stock/db", "--table", table, "-c", world.ConfigFile, .. further]);
}
