using Microsoft.Extensions.Logging;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>What is known of the slot while it is read, and while nothing of the watching may disturb the reading.</summary>
public sealed class MonitorTests(PostgresFixture fixture)
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task Lag_and_retained_bytes_rise_with_what_is_written_and_fall_with_what_is_confirmed()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}") { MonitorInterval = Interval };
        Assert.Null(setup.Gauge("penstock_source_lag_bytes"));
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} SELECT generate_series(1, 10000)");
        var (_, watermark) = await reading.NextTransactionAsync();

        await Eventually.HoldsAsync(() => setup.Gauge("penstock_source_lag_bytes") > 500_000, "the lag is seen");
        Assert.InRange(setup.Gauge("penstock_source_retained_bytes") ?? 0, 500_000, long.MaxValue);
        Assert.Equal((1, 0), (setup.Gauge("penstock_slot_wal_status", "reserved"), setup.Gauge("penstock_slot_wal_status", "lost")));
        Assert.Null(setup.Gauge("penstock_slot_safe_bytes"));

        await reading.Source.AcknowledgeAsync([watermark], TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => setup.Gauge("penstock_source_lag_bytes") < 100_000, "the lag is gone");
    }

    [Fact]
    public async Task A_monitor_that_is_ended_or_refused_disturbs_no_reading_and_comes_back()
    {
        using var server = PostgresServer.Start("max_slot_wal_keep_size = 1GB");
        var database = new Database(server);
        var table = await CreateTableAsync(database);
        var log = new LogLines();
        await using var setup = new Setup(database, $"public.{table}") { MonitorInterval = Interval, LoggerFactory = log };
        var reading = await setup.StartAsync();

        for (var id = 1; id <= 3; id++)
        {
            await Eventually.HoldsAsync(() => setup.Gauge("penstock_slot_safe_bytes") > 0, "the slot is watched");
            await Eventually.HoldsAsync(
                () => database.ScalarAsync<bool>("SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE application_name = 'penstock' AND backend_type = 'client backend'"),
                "the monitor's connection is ended");
            await database.ExecuteAsync($"INSERT INTO {table} VALUES ({id})");
            Assert.Equal($"{id}", (await reading.NextEventAsync()).After?.GetString("id"));
        }

        Assert.Equal(1, setup.Connected);
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    [Trait("Scenario", "PG15")]
    public async Task A_slot_that_is_about_to_be_lost_is_told_once_before_it_is()
    {
        using var server = PostgresServer.Start("max_slot_wal_keep_size = 20MB", "min_wal_size = 32MB", "max_wal_size = 1GB", "checkpoint_timeout = 1h");
        var database = new Database(server);
        var table = await CreateTableAsync(database);
        var log = new LogLines();
        await using var setup = new Setup(database, $"public.{table}") { MonitorInterval = Interval, LoggerFactory = log };
        var reading = await setup.StartAsync();
        await reading.WaitAsync();
        await Eventually.HoldsAsync(() => setup.Gauge("penstock_slot_safe_bytes") > 0, "the slot is watched");

        for (var i = 0; i < 4; i++)
        {
            await database.ExecuteAsync("CREATE TABLE filler AS SELECT 1; DROP TABLE filler");
            await database.ExecuteAsync("SELECT pg_switch_wal()");
        }

        await Eventually.HoldsAsync(() => setup.Gauge("penstock_slot_wal_status", "unreserved") == 1, "the slot is unreserved");
        Assert.InRange(setup.Gauge("penstock_slot_safe_bytes") ?? 0, long.MinValue, 0);
        await Eventually.HoldsAsync(() => log.Lines.Count(line => line.Text.Contains("about to be lost", StringComparison.Ordinal)) == 1, "a warning");
        Assert.Contains(await CheckTests.CheckAsync(setup.Options), finding => finding is { Level: CheckLevel.Warning } && finding.Text.StartsWith($"slot \"{setup.Slot}\" is about to be lost", StringComparison.Ordinal));
        await database.ExecuteAsync("CHECKPOINT");
        await Eventually.HoldsAsync(() => log.Lines.Count(line => line.Text.Contains($"Slot {setup.Slot} is lost", StringComparison.Ordinal)) == 1, "an error");
        Assert.Contains(await CheckTests.CheckAsync(setup.Options), finding => finding is { Level: CheckLevel.Problem } && finding.Text.StartsWith($"slot \"{setup.Slot}\" is lost", StringComparison.Ordinal));
        Assert.Single(log.Lines, line => line.Text.Contains("about to be lost", StringComparison.Ordinal));
    }

    static async Task<string> CreateTableAsync(Database database)
    {
        var table = Database.Unique("monitor");
        await database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }
}
