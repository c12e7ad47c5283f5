using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>The main job: WAL to Redis stream through the published host, its loader, its config and its checkpoint.</summary>
public sealed class WalToRedisTests
{
    const int Transactions = 100_000;
    const int Kills = 3;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Every_change_arrives_once_and_in_commit_order_per_key()
    {
        await using var world = await WalToRedis.StartAsync();
        using var host = world.StartHost();
        await world.SlotAsync();

        using var load = world.StartLoad(Transactions);
        await WaitForLoadAsync(load);
        await Eventually.HoldsAsync(() => world.StreamLength() >= Transactions, "the stream has every change", Patience);
        Assert.Equal(0, await host.TerminateAsync());

        var delivered = world.Delivered();
        var findings = Findings.Of(world.Committed(), delivered);
        Assert.Equal(Transactions, delivered.Count);
        Assert.Empty(findings.Lost);
        Assert.Empty(findings.Duplicates);
        Assert.Empty(findings.OutOfOrder);
    }

    [Fact]
    public async Task Killing_the_host_loses_nothing_and_repeats_only_what_lies_above_the_checkpoint()
    {
        await using var world = await WalToRedis.StartAsync();
        var host = world.StartHost();
        await world.SlotAsync();
        using var load = world.StartLoad(Transactions);

        var kills = new List<(long StreamLength, string Checkpoint)>();
        for (var kill = 1; kill <= Kills; kill++)
        {
            var enough = Transactions / (Kills + 1) * kill;
            await Eventually.HoldsAsync(() => world.StreamLength() >= enough, $"the stream has {enough} changes", Patience);
            host.Kill();
            host.Dispose();
            kills.Add((world.StreamLength(), CheckpointFile.Newest(world.StateDirectory)));
            host = world.StartHost();
        }

        await WaitForLoadAsync(load);
        await Eventually.HoldsAsync(
            () => Findings.Of(world.Committed(), world.Delivered()).Lost.Count == 0, "nothing is missing in the stream", Patience);
        Assert.Equal(0, await host.TerminateAsync());
        host.Dispose();

        var delivered = world.Delivered();
        Assert.Empty(Findings.Of(world.Committed(), delivered).OutOfOrder);
        Assert.Empty(RepeatedBelowCheckpoint(delivered, kills));
        // The check above sees what it looks for: against a checkpoint that is too high, everything repeated is a finding.
        var duplicates = Findings.Of(world.Committed(), delivered).Duplicates.Count;
        Assert.Equal(duplicates, RepeatedBelowCheckpoint(delivered, [.. kills.Select(kill => (kill.StreamLength, "FFFFFFFF"))]).Count);
        Assert.NotEqual(0, duplicates);
    }

    [Fact]
    public async Task A_clean_stop_and_restart_repeats_nothing()
    {
        await using var world = await WalToRedis.StartAsync();
        using var load = world.StartLoad(Transactions / 5);
        var stops = 0;
        while (!load.HasExited || stops == 0)
        {
            using var host = world.StartHost();
            await world.SlotAsync();
            var length = world.Redis.Send("EXISTS", WalToRedis.Stream) is 1L ? world.StreamLength() : 0;
            await Eventually.HoldsAsync(() => load.HasExited || world.StreamLength() > length, "the stream grows", Patience);
            Assert.Equal(0, await host.TerminateAsync());
            stops++;
        }

        Assert.Empty(Findings.Of(world.Committed(), world.Delivered()).Duplicates);
        Assert.Empty(Findings.Of(world.Committed(), world.Delivered()).OutOfOrder);
    }

    static async Task WaitForLoadAsync(HostRun load)
    {
        await Eventually.HoldsAsync(() => load.HasExited, "pgbench is done", Patience);
        Assert.Equal(0, await load.WaitAsync());
    }

    // What came again after a kill although the checkpoint that the kill left behind covers it.
    static List<Delivered> RepeatedBelowCheckpoint(List<Delivered> delivered, List<(long StreamLength, string Checkpoint)> kills)
    {
        var seen = new HashSet<string>();
        var findings = new List<Delivered>();
        for (var i = 0; i < delivered.Count; i++)
        {
            if (!seen.Add(delivered[i].EventId))
            {
                var checkpoint = kills.Last(kill => kill.StreamLength <= i).Checkpoint;
                if (string.CompareOrdinal(delivered[i].Position, checkpoint) <= 0)
                {
                    findings.Add(delivered[i]);
                }
            }
        }

        return findings;
    }
}
