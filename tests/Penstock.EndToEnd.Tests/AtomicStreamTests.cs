using System.Globalization;
using System.Text.RegularExpressions;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>WAL to Redis stream with the positions beside the entries: whatever is killed or cut, each change is one entry.</summary>
public sealed partial class AtomicStreamTests
{
    const int Transactions = 40_000;
    const int Kills = 3;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    [Trait("Scenario", "SR01")]
    public async Task However_often_the_host_is_killed_and_its_answers_are_lost_the_stream_holds_each_committed_change_once_and_in_order()
    {
        await using var world = await WalToRedis.StartAsync(atomic: true);
        var host = world.StartHost();
        await world.SlotAsync();
        using var load = world.StartLoad(Transactions);

        var (cuts, cutAt) = (0, 0L);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var enough = Transactions / (Kills + 1) * kill;
            await Eventually.HoldsAsync(
                () =>
                {
                    var length = world.StreamLength();
                    if (length >= cutAt)
                    {
                        // The script has run by the time its answer is cut off.
                        world.Network.CutAnswerAfter(++cuts % 5);
                        cutAt = length + 1500;
                    }

                    return length >= enough || host.HasExited;
                },
                $"the stream has {enough} changes",
                Patience);
            Assert.False(host.HasExited, host.Errors);
            host.Kill();
            host.Dispose();
            host = world.StartHost();
        }

        Assert.Equal(0, await load.WaitAsync());
        await Eventually.HoldsAsync(() => world.StreamLength() >= Transactions || host.HasExited, "the stream has every change", Patience);
        await host.LogsAsync("resuming after");
        Assert.Equal(0, await host.TerminateAsync());
        var log = Regex.Unescape(host.Errors);
        host.Dispose();

        var delivered = world.Delivered();
        var findings = Findings.Of(world.Committed(), delivered);
        Assert.Equal(Transactions, delivered.Count);
        Assert.Empty(findings.Lost);
        Assert.Empty(findings.Duplicates);
        Assert.Empty(findings.OutOfOrder);
        Assert.Contains("db → stream: effectively-once", log, StringComparison.Ordinal);

        // The kills did what they are for: what lay above the checkpoint came again and was passed over. So did the cuts.
        Assert.NotEqual(0, int.Parse(Skipped().Match(log).Groups["count"].ValueSpan, CultureInfo.InvariantCulture));
        Assert.InRange(cuts, 10, int.MaxValue);
    }

    [GeneratedRegex(@"counters: db → stream: read \d+, delivered \d+, skipped (?<count>\d+),")]
    private static partial Regex Skipped();
}
