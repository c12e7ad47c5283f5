using System.Diagnostics;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>Restarts under load: after a clean stop, and with another number of lanes after a kill.</summary>
[Collection(ChaosGroup.Name)]
public sealed class RestartTests
{
    [Fact]
    public async Task A_clean_stop_and_restart_under_load_repeats_nothing()
    {
        await using var world = await WalWorld.StartAsync();
        var trial = new Trial("host: SIGTERM, restart", world.Tail);
        var moments = new Random(5);
        var host = await world.StartUnderLoadAsync();
        for (var round = 1; round <= Width.Of(3, 40); round++)
        {
            await world.Tail.GrowsAsync(moments.Next(1, 400));
            Assert.Equal(0, await host.TerminateAsync());
            host.Dispose();
            var checkpoint = world.Checkpoint;
            trial.Faulted(checkpoint);

            var clock = Stopwatch.StartNew();
            host = world.StartHost();
            await trial.RestartedAsync(host, checkpoint);
            await trial.RecoversAsync(clock);
        }

        Assert.Equal(0, trial.Conclude(await world.FinishAsync(host)).Duplicated);
    }

    [Fact]
    public async Task Another_number_of_lanes_after_a_kill_keeps_order_and_loses_nothing()
    {
        const int few = 4, many = 8;
        await using var world = await WalWorld.StartAsync(few);
        var trial = new Trial($"host: kill -9, lanes {few} → {many} → {few}", world.Tail);
        var moments = new Random(6);
        var host = await world.StartUnderLoadAsync();
        for (var round = 1; round <= Width.Of(2, 20); round++)
        {
            await world.Tail.GrowsAsync(moments.Next(1, 400));
            host.Kill();
            host.Dispose();
            var checkpoint = world.Checkpoint;
            trial.Faulted(checkpoint);

            world.UseLanes(round % 2 == 1 ? many : few);
            var clock = Stopwatch.StartNew();
            host = world.StartHost();
            await trial.RestartedAsync(host, checkpoint);
            await trial.RecoversAsync(clock);
        }

        trial.Conclude(await world.FinishAsync(host));
    }
}
