using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>WAL to file through the published host: whatever is killed, each change is one line.</summary>
public sealed partial class EffectivelyOnceTests
{
    const int Transactions = 20_000;
    const int Kills = 5;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task However_often_the_host_is_killed_the_files_hold_each_committed_change_once_and_in_order()
    {
        using var world = new WalToFile();
        var host = world.StartHost();
        await world.SlotAsync();
        using var load = world.StartLoad(Transactions);

        var sentAgain = 0;
        for (var kill = 1; kill <= Kills; kill++)
        {
            var before = TotalBytes(world);
            await Eventually.HoldsAsync(() => (TotalBytes(world) > before + 1_500_000 && world.HasCheckpoint) || host.HasExited, "the files grow, and there is a checkpoint", Patience);
            Assert.False(host.HasExited, host.Errors);
            host.Kill();
            host.Dispose();
            sentAgain = world.LinesAboveCheckpoint();
            host = world.StartHost();
        }

        Assert.Equal(0, await load.WaitAsync());
        await Eventually.HoldsAsync(() => WalToFile.Tables.All(table => world.CountLines(table) >= Transactions) || host.HasExited, "the files have every change", Patience);
        // The files may have been complete before the last kill; a host that has just been started does not know the signal yet.
        await host.LogsAsync("resuming after");
        Assert.Equal(0, await host.TerminateAsync());
        var log = Regex.Unescape(host.Errors);
        host.Dispose();

        var committed = world.Committed();
        foreach (var table in WalToFile.Tables)
        {
            var lines = world.LinesOf(table);
            Assert.Equal(Transactions, committed[table].Count());
            Assert.Equal(committed[table], Changes(lines));
            // The comparison sees what it looks for.
            Assert.NotEqual(committed[table], Changes([.. lines, lines[^1]]));
            Assert.NotEqual(committed[table], Changes(lines[1..]));
            Assert.NotEqual(committed[table], Changes([lines[1], lines[0], .. lines[2..]]));
        }

        Assert.Contains("db → files: effectively-once, ordered as the source delivers", log, StringComparison.Ordinal);
        // The kills did what they are for: what lay above the checkpoint came again and was passed over.
        Assert.NotEqual(0, sentAgain);
        Assert.Equal(sentAgain, int.Parse(Skipped().Match(log).Groups["count"].ValueSpan, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Of_all_pairs_of_the_installed_plugins_wal_to_a_sink_with_positions_alone_meets_the_requirement()
    {
        using var workspace = new Workspace(ConfigOfAllPairs());

        var (exitCode, output, _) = await HostRun.ToEndAsync("validate", "-c", workspace.ConfigFile, "--json");

        Assert.Equal(2, exitCode);
        using var json = JsonDocument.Parse(output);
        Assert.All(json.RootElement.EnumerateArray(), problem => Assert.Contains("\"effectively-once\" cannot be given from source", problem.GetProperty("message").GetString(), StringComparison.Ordinal));
        var refused = json.RootElement.EnumerateArray().Select(problem => problem.GetProperty("pointer").GetString()!.Split('/')[2]).ToHashSet();
        Assert.Equal(["postgres-wal-to-file", "postgres-wal-to-redis-streams-atomic"], Pairs().Select(pair => pair.Name).Where(name => !refused.Contains(name)));
    }

    static long TotalBytes(WalToFile world) => WalToFile.Tables.Sum(world.BytesOf);

    static IEnumerable<(int Id, int N)> Changes(IEnumerable<Delivered> lines) => lines.Select(line => (line.Counter, line.Value));

    static IEnumerable<(string Name, string Source, string Sink)> Pairs()
    {
        const string Redis = "\"connection\": { \"endpoints\": [\"127.0.0.1:1\"] }";
        (string Type, string Config)[] sources =
        [
            ("postgres-wal", "\"connectionString\": \"Host=h\", \"slot\": \"s\", \"publication\": \"p\", \"tables\": [\"public.t\"]"),
            ("redis-streams", $"{Redis}, \"streams\": [\"s\"], \"group\": \"g\""),
            ("redis-pubsub", $"{Redis}, \"channels\": [\"c\"]"),
            ("redis-keyspace", $"{Redis}, \"keys\": [\"*\"]"),
        ];
        (string Name, string Type, string Config)[] sinks =
        [
            ("file", "file", ""), ("file-by-key", "file", "\"path\": \"{key}\""), ("redis-streams", "redis-streams", Redis),
            ("redis-streams-atomic", "redis-streams", $"{Redis}, \"atomic\": true"), ("console", "console", ""), ("discard", "discard", ""),
        ];
        return from source in sources from sink in sinks select ($"{source.Type}-to-{sink.Name}", Section(source.Type, source.Config), Section(sink.Type, sink.Config));
    }

    static string Section(string type, string config) => $"{{ \"type\": \"{type}\", \"config\": {{ {config} }} }}";

    static string ConfigOfAllPairs() =>
        $$"""
        { "pipelines": {
          {{string.Join(",\n  ", Pairs().Select(pair =>
              $"\"{pair.Name}\": {{ \"require\": \"effectively-once\", \"sources\": {{ \"in\": {pair.Source} }}, \"sinks\": {{ \"out\": {pair.Sink} }} }}"))}}
        } }
        """;

    [GeneratedRegex(@"ledger: db → files: read \d+, delivered \d+, skipped (?<count>\d+),")]
    private static partial Regex Skipped();
}
