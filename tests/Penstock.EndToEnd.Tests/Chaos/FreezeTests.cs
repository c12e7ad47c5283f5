using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>The host is frozen for longer than the server waits for it, in the middle of a large transaction.</summary>
[Collection(ChaosGroup.Name)]
public sealed class FreezeTests
{
    // Of 500 rows each, in one transaction: the server takes longer for each, since none can be cleaned away meanwhile.
    const int FewUpdates = 150;
    const int ManyUpdates = 600;

    static readonly TimeSpan SenderTimeout = TimeSpan.FromSeconds(Width.Of(2, 6));
    static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(10);

    [Fact]
    [Trait("Scenario", "PG09")]
    public async Task A_host_that_is_frozen_for_three_sender_timeouts_goes_on_inside_the_transaction_and_loses_nothing()
    {
        await using var world = await WalWorld.StartAsync(senderTimeout: SenderTimeout);
        var trial = new Trial("host: SIGSTOP for three wal_sender_timeouts amid a large transaction, SIGCONT", world.Tail) { Limit = RecoveryLimit };
        using var host = await world.StartUnderLoadAsync();
        for (var round = 1; round <= Width.Of(1, 5); round++)
        {
            world.Execute($"DO $$ BEGIN LOCK TABLE counters IN EXCLUSIVE MODE; FOR i IN 1..{Width.Of(FewUpdates, ManyUpdates)} LOOP UPDATE counters SET n = n + 1; END LOOP; END $$");
            await world.Tail.GrowsAsync(5_000);
            trial.Faulted(world.Checkpoint);
            host.Freeze();
            var frozen = Stopwatch.StartNew();
            await Eventually.HoldsAsync(() => frozen.Elapsed > SenderTimeout * 3, "three timeouts are over");
            await host.NoticesAsync(HostLog.SourceFails, host.Thaw);
            await trial.RecoversAsync(Stopwatch.StartNew());
        }

        trial.Remarks = $"wal_sender_timeout {SenderTimeout.TotalSeconds:0} s for 60 s, transactions of {Width.Of(FewUpdates, ManyUpdates) * CountersTable.Counters} rows for 1,000,000";
        trial.Conclude(await world.FinishAsync(host));
    }
}
