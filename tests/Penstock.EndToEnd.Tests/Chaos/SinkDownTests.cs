using System.Diagnostics;
using System.Globalization;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>The sink of one of two pipelines is down for long: frozen for the first half, dead for the second.</summary>
[Collection(ChaosGroup.Name)]
public sealed class SinkDownTests
{
    const int StandsForSeconds = 600;

    // More than the sockets between can hide, so that backpressure has to reach the server.
    const int BulkTransactions = 300;
    const long MostMemory = 256L << 20;

    static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_sink_that_is_down_holds_its_pipeline_at_the_bound_and_no_other()
    {
        await using var world = await TwoPipelines.StartAsync();
        var down = TimeSpan.FromSeconds(Width.Of(6, 60));
        var trial = new Trial("sink of one of two pipelines down", world.HeldTail) { Limit = RecoveryLimit };
        using var host = await world.StartUnderLoadAsync();

        trial.Faulted(world.HeldCheckpoint);
        var clock = Stopwatch.StartNew();
        await host.NoticesAsync(HostLog.SinkFails, world.HeldRedis.Freeze);
        var bulk = Stopwatch.StartNew();
        for (var i = 0; i < BulkTransactions; i++)
        {
            world.Table.Execute("UPDATE counters SET n = n + 1");
        }

        // The other pipeline delivers all of it; this one is sent what fits, and then no more.
        await world.FreeTail.ReachesAsync(world.Table.Committed().Values.Sum());
        bulk.Stop();
        var (sent, ahead) = (world.Sent(), world.SentAndNotConfirmed());
        await Eventually.HoldsAsync(() => clock.Elapsed > down / 2, "half the time is over");
        await host.NoticesAsync(HostLog.SinkFails, world.HeldRedis.Kill);
        await Eventually.HoldsAsync(() => clock.Elapsed > down, "the time is over");
        Assert.Equal(sent, world.Sent());
        Assert.NotEqual(0, world.NotSent());
        await world.FreeTail.GrowsAsync(100);
        Assert.False(host.HasExited, host.Errors);

        await world.HeldRedis.RestartAsync();
        await trial.RecoversAsync(Stopwatch.StartNew());
        var catchUp = Stopwatch.StartNew();
        await world.StopLoadAsync();
        var committed = world.Table.Committed();
        var changes = committed.Values.Sum();
        await world.HeldTail.ReachesAsync(changes);
        catchUp.Stop();
        await world.FreeTail.ReachesAsync(changes);
        var memory = host.PeakMemory;
        Assert.InRange(memory, 1, MostMemory);
        Assert.Equal(0, await host.TerminateAsync());

        trial.Remarks = string.Create(
            CultureInfo.InvariantCulture,
            $"down {down.TotalSeconds:0} s for {StandsForSeconds} s, wal_sender_timeout {TwoPipelines.SenderTimeoutSeconds} s for 60 s, {TwoPipelines.Retry}; "
            + $"held with {ahead >> 10} KiB sent and not confirmed, host's peak {memory >> 20} MiB; "
            + $"the other pipeline meanwhile {BulkTransactions * CountersTable.Counters / bulk.Elapsed.TotalSeconds:0} events/s; caught up in {catchUp.Elapsed.TotalSeconds:0.0} s");
        var all = committed.SelectMany(counter => Enumerable.Range(1, counter.Value).Select(value => (counter.Key, value))).ToHashSet();
        trial.Conclude(all);
        var other = Findings.Of(all, world.FreeTail.Entries);
        Assert.Empty(other.Lost);
        Assert.Empty(other.Duplicates);
        Assert.Empty(other.OutOfOrder);
    }
}
