using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>The network between the host and a server is cut, or swallows everything; both ends stay up.</summary>
[Collection(ChaosGroup.Name)]
public sealed class NetworkTests
{
    static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(10);

    // In the middle of a message, which is where a network breaks. A write whose reply was cut off is in doubt, and is repeated.
    const int MostBytesBeforeCut = 8000;

    [Fact]
    public Task Cut_connections_of_the_source_lose_nothing() => RunAsync("source's connections: cut", Width.Of(2, 40), async (world, trial, host, moments) =>
    {
        await CutAsync(host, world.PostgresProxy, moments);
        await trial.RecoversAsync(Stopwatch.StartNew(), world.End());
    });

    [Fact]
    public Task Cut_connections_of_the_sink_lose_nothing() => RunAsync("sink's connections: cut", Width.Of(4, 60), async (world, trial, host, moments) =>
    {
        await CutAsync(host, world.RedisProxy, moments);
        await trial.RecoversAsync(Stopwatch.StartNew());
    });

    // A silent PostgreSQL is given 15 seconds, at least, before it counts as gone.
    [Fact]
    [Trait("Scenario", "PG12")]
    public Task A_network_that_swallows_the_source_loses_nothing() => RunAsync("source's connections: blackhole", Width.Of(1, 5), async (world, trial, host, _) =>
    {
        await host.NoticesAsync(HostLog.SourceFails, () => Assert.NotEqual(0, world.PostgresProxy.Blackhole()));
        world.PostgresProxy.Heal();
        await trial.RecoversAsync(Stopwatch.StartNew(), world.End());
    });

    [Fact]
    public Task A_network_that_swallows_the_sink_loses_nothing() => RunAsync("sink's connections: blackhole", Width.Of(1, 20), async (world, trial, host, _) =>
    {
        await host.NoticesAsync(HostLog.SinkFails, () => Assert.NotEqual(0, world.RedisProxy.Blackhole()));
        world.RedisProxy.Heal();
        await trial.RecoversAsync(Stopwatch.StartNew());
    });

    // An idle connection may be found cut and be replaced without a failure: that the host came back is what shows.
    static async Task CutAsync(HostRun host, TcpProxy proxy, Random moments)
    {
        var accepted = proxy.Accepted;
        proxy.CutAfter(moments.Next(MostBytesBeforeCut));
        await Eventually.HoldsAsync(() => proxy.Accepted > accepted, "the host has connected again");
        Assert.False(host.HasExited, host.Errors);
    }

    static async Task RunAsync(string scenario, int rounds, Func<WalWorld, Trial, HostRun, Random, Task> fault)
    {
        await using var world = await WalWorld.StartAsync();
        var trial = new Trial(scenario, world.Tail) { Limit = RecoveryLimit };
        var moments = new Random(4);
        using var host = await world.StartUnderLoadAsync();
        for (var round = 1; round <= rounds; round++)
        {
            await world.Tail.GrowsAsync(moments.Next(1, 400));
            trial.Faulted(world.Checkpoint);
            await fault(world, trial, host, moments);
        }

        trial.Conclude(await world.FinishAsync(host));
    }
}
