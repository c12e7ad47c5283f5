using System.Diagnostics;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>kill -9 of the host, at any moment, also while it starts.</summary>
[Collection(ChaosGroup.Name)]
public sealed class HostKillTests
{
    const int EveryNthDuringStart = 5;
    static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(5);

    [Fact]
    [Trait("Scenario", "PG01")]
    public async Task Killing_the_host_loses_nothing_and_resumes_in_place()
    {
        await using var world = await WalWorld.StartAsync();
        var trial = new Trial("host: kill -9", world.Tail) { Limit = RecoveryLimit };
        var moments = new Random(1);
        var host = await world.StartUnderLoadAsync();
        for (var round = 1; round <= Width.Of(6, 200); round++)
        {
            if (round % EveryNthDuringStart != 0)
            {
                await world.Tail.GrowsAsync(moments.Next(1, 400));
            }

            host.Kill();
            host.Dispose();
            var checkpoint = world.Checkpoint;
            trial.Faulted(checkpoint);

            var clock = Stopwatch.StartNew();
            host = world.StartHost();
            await trial.RestartedAsync(host, checkpoint);
            if ((round + 1) % EveryNthDuringStart != 0)
            {
                await trial.RecoversAsync(clock);
            }
        }

        var row = trial.Conclude(await world.FinishAsync(host));
        Assert.NotEqual(0, row.Duplicated);
    }
}
