using System.Diagnostics;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>The network between the host and a server is cut, or swallows everything; both ends stay up.</summary>
[Collection(ChaosGroup.Name)]
public sealed class NetworkTests
{
    static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(10);

    [Fact]
    public Task Cut_connections_of_the_source_lose_nothing() =>
        BreakSourceAsync("source's connections: cut", Width.Of(3, 40), world => world.PostgresProxy.CutAll());

    [Fact]
    public Task Cut_connections_of_the_sink_lose_nothing() =>
        BreakSinkAsync("sink's connections: cut", Width.Of(3, 40), world => world.RedisProxy.CutAll());

    // A silent PostgreSQL is given 15 seconds, at least, before it counts as gone.
    [Fact]
    public Task A_network_that_swallows_the_source_loses_nothing() =>
        BreakSourceAsync("source's connections: blackhole", Width.Of(1, 5), world => world.PostgresProxy.Blackhole());

    [Fact]
    public Task A_network_that_swallows_the_sink_loses_nothing() =>
        BreakSinkAsync("sink's connections: blackhole", Width.Of(2, 20), world => world.RedisProxy.Blackhole());

    static Task BreakSourceAsync(string scenario, int rounds, Func<WalWorld, int> fault) =>
        BreakAsync(scenario, rounds, HostLog.SourceFails, fault, async (world, trial) =>
        {
            world.PostgresProxy.Heal();
            await trial.RecoversAsync(Stopwatch.StartNew(), world.End());
        });

    static Task BreakSinkAsync(string scenario, int rounds, Func<WalWorld, int> fault) =>
        BreakAsync(scenario, rounds, HostLog.SinkFails, fault, async (world, trial) =>
        {
            world.RedisProxy.Heal();
            await trial.RecoversAsync(Stopwatch.StartNew());
        });

    static async Task BreakAsync(string scenario, int rounds, string symptom, Func<WalWorld, int> fault, Func<WalWorld, Trial, Task> recover)
    {
        await using var world = await WalWorld.StartAsync();
        var trial = new Trial(scenario, world.Tail) { Limit = RecoveryLimit };
        var moments = new Random(4);
        using var host = await world.StartUnderLoadAsync();
        for (var round = 1; round <= rounds; round++)
        {
            await world.Tail.GrowsAsync(moments.Next(1, 400));
            trial.Faulted(world.Checkpoint);
            await host.NoticesAsync(symptom, () => Assert.NotEqual(0, fault(world)));
            await recover(world, trial);
        }

        trial.Conclude(await world.FinishAsync(host));
    }
}
