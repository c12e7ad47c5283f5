using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>A disk that refuses fsync, as the kernel would report it to the published host.</summary>
public sealed class FlushFailureTests
{
    const int Transactions = 8_000;

    [Fact]
    public async Task A_refused_fsync_stops_the_pipeline_with_a_clear_state_and_the_restart_loses_nothing()
    {
        await using var world = await WalToRedis.StartAsync();
        // The first of each thread succeed (strace counts by thread), so that there is something to go wrong afterwards.
        using var host = HostRun.StartAs(
            "strace",
            ["-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=4+",
                Distribution.Executable, "run", "-c", world.ConfigFile]);
        await world.SlotAsync();
        using var load = world.StartLoad(Transactions);

        await Eventually.HoldsAsync(() => host.HasExited, "the host has ended");
        Assert.Equal(1, await host.WaitAsync());
        Assert.Contains("What the disk holds is unknown, so it is not tried again; check the disk, then restart", host.Errors);
        Assert.Contains("fsync of", host.Errors);
        await load.WaitAsync();
        using var second = world.StartHost();
        await Eventually.HoldsAsync(() => world.StreamLength() >= Transactions && Findings.Of(world.Committed(), world.Delivered()).Lost.Count == 0, "nothing is missing");
        Assert.Equal(0, await second.TerminateAsync());
        Assert.Contains("resumes after", second.Errors);
    }
}
