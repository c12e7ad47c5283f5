using System.Diagnostics;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>The servers crash and come back; the host stays up.</summary>
[Collection(ChaosGroup.Name)]
public sealed class ServerCrashTests
{
    static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Killing_Redis_as_the_sink_loses_nothing()
    {
        await using var world = await WalWorld.StartAsync();
        var trial = new Trial("redis-server as sink: kill -9, restart", world.Tail) { Limit = RecoveryLimit };
        var moments = new Random(2);
        using var host = await world.StartUnderLoadAsync();
        for (var round = 1; round <= Width.Of(2, 40); round++)
        {
            await world.Tail.GrowsAsync(moments.Next(1, 400));
            trial.Faulted(world.Checkpoint);
            await host.NoticesAsync(HostLog.SinkFails, world.Redis.Kill);
            await world.Redis.RestartAsync();
            await trial.RecoversAsync(Stopwatch.StartNew());
        }

        trial.Conclude(await world.FinishAsync(host));
    }

    [Fact]
    public async Task Stopping_PostgreSQL_immediately_loses_nothing()
    {
        await using var world = await WalWorld.StartAsync();
        var trial = new Trial("PostgreSQL: stop -m immediate, start", world.Tail) { Limit = RecoveryLimit };
        var moments = new Random(3);
        using var host = await world.StartUnderLoadAsync();
        for (var round = 1; round <= Width.Of(2, 40); round++)
        {
            await world.Tail.GrowsAsync(moments.Next(1, 400));
            trial.Faulted(world.Checkpoint);
            await host.NoticesAsync(HostLog.SourceFails, world.Postgres.StopImmediate);
            world.Postgres.Start();
            var clock = Stopwatch.StartNew();
            var end = world.End();
            world.StartLoad();
            await trial.RecoversAsync(clock, end);
        }

        trial.Conclude(await world.FinishAsync(host));
    }
}
