using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>A consumer group: its server crashes, and its members die for good.</summary>
[Collection(ChaosGroup.Name)]
public sealed class GroupTests
{
    static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Killing_Redis_as_the_source_loses_nothing()
    {
        await using var world = await GroupWorld.StartAsync();
        var trial = new Trial("redis-server as source: kill -9, restart", world.Tail) { Limit = RecoveryLimit, Remarks = "covered: what the group had acknowledged" };
        var moments = new Random(10);
        using var host = world.StartMember("only");
        await world.Tail.GrowsAsync(100);
        for (var round = 1; round <= Width.Of(2, 40); round++)
        {
            await world.Tail.GrowsAsync(moments.Next(1, 400));
            trial.Faulted(world.Acknowledged());
            await host.NoticesAsync(HostLog.SourceFails, world.SourceRedis.Kill);
            await world.SourceRedis.RestartAsync();
            var clock = Stopwatch.StartNew();
            await trial.RecoversAsync(clock, world.End());
        }

        trial.Conclude(await world.FinishAsync(host));
    }

    [Fact]
    public async Task Others_take_over_what_a_dead_member_had_in_hand()
    {
        await using var world = await GroupWorld.StartAsync();
        var trial = new Trial("group member killed for good, others take over", world.Tail)
        {
            IsOrdered = false,
            Remarks = "covered: what the group had acknowledged; a group promises no order; recovery: until the dead member's last entry is acknowledged, claimIdle 2 s included",
        };
        var moments = new Random(11);
        using var survivor = world.StartMember("survivor");
        await world.Tail.GrowsAsync(100);
        for (var round = 1; round <= Width.Of(2, 15); round++)
        {
            var name = $"mortal-{round}";
            using var mortal = world.StartMember(name);
            await mortal.LogsAsync("running");
            await world.Tail.GrowsAsync(moments.Next(1, 400));

            // A member that dies with nothing in hand proves nothing: it is caught with a batch that the sink does not take.
            world.SinkRedis.Freeze();
            await Eventually.HoldsAsync(() => world.PendingOf(name) > 0, "the member has entries in hand");
            mortal.Kill();
            world.SinkRedis.Thaw();
            trial.Faulted(world.Acknowledged());
            await trial.RecoversAsync(Stopwatch.StartNew(), () => world.PendingOf(name) == 0);
        }

        trial.Conclude(await world.FinishAsync(survivor));
        Assert.Contains("were taken over", survivor.Errors, StringComparison.Ordinal);
    }
}
