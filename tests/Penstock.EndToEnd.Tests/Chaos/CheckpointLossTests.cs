using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>Checkpoint files go away, or are torn, while the host is down.</summary>
[Collection(ChaosGroup.Name)]
public sealed class CheckpointLossTests
{
    [Fact]
    public async Task Without_its_newest_checkpoint_the_host_resumes_from_the_one_before()
    {
        await using var world = await WalWorld.StartAsync();
        var trial = new Trial("newest checkpoint deleted, or cut short, after kill -9", world.Tail);
        var moments = new Random(7);
        var host = await world.StartUnderLoadAsync();
        for (var round = 1; round <= Width.Of(2, 20); round++)
        {
            await world.Tail.GrowsAsync(moments.Next(1, 400));
            host.Kill();
            host.Dispose();
            var generations = CheckpointFile.Generations(world.StateDirectory);
            Assert.Equal(2, generations.Count);
            Spoil(generations[0].Path, moments, round % 2 == 0);
            var covered = generations[1].Position;
            trial.Faulted(entry => string.CompareOrdinal(entry.Position, covered) <= 0);

            var clock = Stopwatch.StartNew();
            host = world.StartHost();
            await trial.RestartedAsync(host, generations[1].Position);
            await trial.RecoversAsync(clock);
            await Eventually.HoldsAsync(() => CheckpointFile.Generations(world.StateDirectory).Count == 2, "there are two generations again");
        }

        trial.Conclude(await world.FinishAsync(host));
    }

    [Fact]
    [Trait("Scenario", "PG03")]
    public async Task Without_any_checkpoint_the_host_starts_where_the_slot_stands()
    {
        await using var world = await WalWorld.StartAsync();
        var trial = new Trial("all checkpoints deleted after kill -9", world.Tail) { Remarks = "covered: what the slot had confirmed" };
        var moments = new Random(8);
        var host = await world.StartUnderLoadAsync();
        for (var round = 1; round <= Width.Of(2, 20); round++)
        {
            await world.Tail.GrowsAsync(moments.Next(1, 400));
            host.Kill();
            host.Dispose();
            foreach (var generation in CheckpointFile.Generations(world.StateDirectory))
            {
                File.Delete(generation.Path);
            }

            trial.Faulted(world.Confirmed());
            var clock = Stopwatch.StartNew();
            host = world.StartHost();
            await host.LogsAsync("no checkpoint yet");
            await host.LogsAsync("reading from where the slot stands");
            await trial.RecoversAsync(clock);
            Assert.DoesNotContain("loss window", host.Errors, StringComparison.Ordinal);
        }

        trial.Conclude(await world.FinishAsync(host));
    }

    [Fact]
    public async Task Checkpoints_that_are_all_torn_are_refused()
    {
        await using var world = await WalWorld.StartAsync();
        using (var host = await world.StartUnderLoadAsync())
        {
            host.Kill();
        }

        var files = CheckpointFile.Generations(world.StateDirectory).Select(generation => generation.Path).ToList();
        var moments = new Random(9);
        files.ForEach(file => Spoil(file, moments, cutShort: true));
        world.Tail.Look();
        var before = world.Tail.Entries.Count;

        using var refused = world.StartHost();

        Assert.Equal(1, await refused.WaitAsync());
        Assert.Contains("no whole checkpoint", refused.Errors, StringComparison.Ordinal);
        Assert.True(world.Tail.Look());
        Assert.Equal(before, world.Tail.Entries.Count);
    }

    static void Spoil(string file, Random moments, bool cutShort)
    {
        if (cutShort)
        {
            using var stream = File.OpenWrite(file);
            stream.SetLength(moments.Next((int)stream.Length));
        }
        else
        {
            File.Delete(file);
        }
    }
}
