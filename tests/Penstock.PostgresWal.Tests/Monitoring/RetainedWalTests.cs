using Microsoft.Extensions.Logging;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>A source whose sinks take nothing, and a database that has only so much room for it.</summary>
public sealed class RetainedWalTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task Each_crossing_is_told_once_and_nothing_is_done()
    {
        var log = new LogLines();
        var (setup, table, _) = await StartAsync(RetainedWalPolicy.Warn, log);
        await using var _ = setup;

        await Eventually.HoldsAsync(
            async () =>
            {
                // Some 100 KiB at a time, so that the way leads through the last fifth.
                await _database.ExecuteAsync($"INSERT INTO {table} SELECT g + coalesce((SELECT max(id) FROM {table}), 0) FROM generate_series(1, 1000) g");
                var before = setup.Gauge("penstock_source_retained_bytes");
                await Eventually.HoldsAsync(() => setup.Gauge("penstock_source_retained_bytes") != before, "it was looked at");
                return Told(log, "more than maxRetainedWal (2MiB)") == 1;
            },
            "it is told");

        Assert.Equal((1, 1), (Told(log, "more than 80 % of maxRetainedWal (2MiB)"), Told(log, "nothing is done about it")));
        await _database.ExecuteAsync($"DELETE FROM {table}");
        Assert.Equal(1, Told(log, "nothing is done about it"));
        Assert.True(await _database.IsActiveAsync(setup.Slot));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slot_that_keeps_too_much_is_dropped_and_the_source_stops_with_what_is_lost(bool waits)
    {
        var log = new LogLines();
        var (setup, table, reading) = await StartAsync(RetainedWalPolicy.DropSlot, log);
        await using var _ = setup;
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (0)");
        var (_, first) = await reading.NextTransactionAsync();
        var waiting = waits ? reading.WaitAsync() : null;

        await _database.ExecuteAsync($"INSERT INTO {table} SELECT generate_series(1, 20000)");
        await _database.ExecuteAsync($"INSERT INTO {table}_other SELECT generate_series(1, 20000)");

        await Eventually.HoldsAsync(
            async () => await _database.ScalarAsync<long>($"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'") == 0, "the slot is dropped");
        await Eventually.HoldsAsync(() => Told(log, $"Dropped slot {setup.Slot}: it kept ") == 1, "it is told");
        Assert.Equal(1, Told(log, "the slot is dropped if it stays"));

        // What the host does then: the connection failed, so it begins again.
        var failure = await EndAsync(reading);
        Assert.Equal(FailureKind.Transient, failure.Kind);
        var again = setup.Read(reading.Source, first);
        var loss = Assert.IsType<LossWindow>(await again.NextAsync());
        failure = await Assert.ThrowsAsync<PluginException>(again.NextAsync);

        Assert.Equal(FailureKind.PositionLost, failure.Kind);
        Assert.Contains("penstock positions reset PIPELINE/SOURCE --to start", failure.Message, StringComparison.Ordinal);
        Assert.Equal((LossCause.PositionLost, CheckpointState.Of(first).At), (loss.Cause, loss.OpenedAt));
        Assert.True(waiting is null || waiting.IsCompleted);
    }

    [Fact]
    public void A_single_wrong_figure_drops_nothing_and_a_figure_that_swings_is_told_once()
    {
        var limit = new RetainedWalLimit(1000);

        Assert.Equal((LimitCrossing.None, LimitCrossing.Beyond, false), (limit.Look(10), limit.Look(5000), limit.IsLastingly));
        Assert.Equal((LimitCrossing.None, false), (limit.Look(900), limit.IsLastingly));
        Assert.Equal((LimitCrossing.None, false), (limit.Look(1100), limit.IsLastingly));
        Assert.Equal((LimitCrossing.None, true), (limit.Look(1100), limit.IsLastingly));
        Assert.Equal((LimitCrossing.None, LimitCrossing.Near, LimitCrossing.Beyond), (limit.Look(10), limit.Look(801), limit.Look(1001)));
    }

    static int Told(LogLines log, string part) => log.Lines.Count(line => line.Level >= LogLevel.Warning && line.Text.Contains(part, StringComparison.Ordinal));

    static async Task<PluginException> EndAsync(Reading reading)
    {
        try
        {
            while (true)
            {
                await reading.NextAsync();
            }
        }
        catch (PluginException e)
        {
            return e;
        }
    }

    // Nothing is acknowledged: the slot stays where it is.
    async Task<(Setup Setup, string Table, Reading Reading)> StartAsync(RetainedWalPolicy policy, LogLines log)
    {
        var table = Database.Unique("retained");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY); CREATE TABLE {table}_other (id int PRIMARY KEY)");
        var setup = new Setup(_database, $"public.{table}")
        {
            MonitorInterval = TimeSpan.FromMilliseconds(100),
            LoggerFactory = log,
            MaxRetainedWal = new ByteSize(2 << 20),
            OnMaxRetainedWal = policy,
        };

        // The slot begins where the server has written its open transactions, which is not long ago.
        await _database.ExecuteAsync("CHECKPOINT");
        var reading = await setup.StartAsync();
        await Eventually.HoldsAsync(() => setup.Gauge("penstock_source_lag_bytes") is not null, "the slot is watched");
        return (setup, table, reading);
    }
}
