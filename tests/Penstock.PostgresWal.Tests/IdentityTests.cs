using Npgsql;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>A position counts only in the WAL it was read from; and what an operator may accept.</summary>
public sealed class IdentityTests(PostgresFixture fixture)
{
    const string Slot = "identity";

    [Fact]
    [Trait("Scenario", "PG34")]
    public async Task A_replica_that_lagged_and_took_over_has_not_what_was_delivered_however_much_it_has_written_since()
    {
        using var primary = PostgresServer.Start();
        var database = new Database(primary);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        await using var setup = new Setup(database, "public.orders") { Slot = Slot };
        var first = await setup.DeliverAsync("orders", 1);
        primary.StopFast(TimeSpan.FromSeconds(30));
        using var promoted = PostgresServer.StartPromoted(primary);
        await database.ExecuteAsync("CREATE TABLE filler AS SELECT generate_series(1, 10000)");
        var checkpoint = await setup.DeliverAsync("orders", 2, first);

        // The new primary goes the same way and far beyond it, with another row.
        var successor = new Database(promoted);
        await successor.ExecuteAsync("INSERT INTO orders VALUES (3)");
        await successor.ExecuteAsync("SELECT pg_switch_wal()");
        Assert.True(await successor.ScalarAsync<bool>($"SELECT pg_current_wal_flush_lsn() > '{Lsn.Format(Lsn.OfState(checkpoint))}'::pg_lsn"));
        await using var moved = new Setup(successor, "public.orders") { Slot = Slot, Publication = setup.Publication };

        var failure = await FailAsync(moved, checkpoint);
        Assert.Equal(FailureKind.PositionLost, failure.Kind);
        Assert.Matches("left timeline 1 at [0-9A-F]+/[0-9A-F]+, before the checkpoint at [0-9A-F]+/[0-9A-F]+", failure.Message);

        // Without the timeline in the checkpoint it is not seen, and row 3 never comes.
        var blind = new Watermark(checkpoint.Position) { State = checkpoint.State[..8] };
        var reading = await moved.StartAsync(blind);
        await successor.ExecuteAsync("INSERT INTO orders VALUES (4)");
        Assert.Equal("4", (await reading.NextEventAsync()).After?.GetString("id"));
    }

    [Fact]
    [Trait("Scenario", "PG33")]
    public async Task A_replica_that_had_everything_goes_on_when_it_has_the_slot_and_the_primary_of_before_is_refused()
    {
        using var primary = PostgresServer.Start();
        var database = new Database(primary);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        await using var setup = new Setup(database, "public.orders") { Slot = Slot };
        var checkpoint = await setup.DeliverAsync("orders", 1);
        primary.StopFast(TimeSpan.FromSeconds(30));
        using var promoted = PostgresServer.StartPromoted(primary);
        var successor = new Database(promoted);
        await using var moved = new Setup(successor, "public.orders") { Slot = Slot, Publication = setup.Publication };

        // Whoever may not see where the timelines parted does not guess.
        await successor.ExecuteAsync("CREATE ROLE penstock LOGIN REPLICATION PASSWORD 'penstock'");
        await using var weak = new Setup(successor, "public.orders")
        {
            Slot = Slot,
            Publication = setup.Publication,
            ConnectionString = new NpgsqlConnectionStringBuilder(promoted.ConnectionString) { Username = "penstock", Password = "penstock" }.ConnectionString,
        };
        const string remedy = "GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO \"penstock\";";
        Assert.Contains(remedy, (await FailAsync(weak, checkpoint)).Message, StringComparison.Ordinal);
        await successor.ExecuteAsync(remedy);

        var reading = await weak.StartAsync(checkpoint);
        await successor.ExecuteAsync("INSERT INTO orders VALUES (2)");
        var (events, second) = await reading.NextTransactionAsync();
        Assert.Equal("2", Assert.Single(events).After?.GetString("id"));

        await database.ExecuteAsync("INSERT INTO orders VALUES (3)");
        await database.ExecuteAsync("SELECT pg_switch_wal()");
        var failure = await FailAsync(setup, second);
        Assert.Equal(FailureKind.PositionLost, failure.Kind);
        Assert.Contains("is of timeline 2, found timeline 1", failure.Message, StringComparison.Ordinal);

        await weak.StopAllAsync();
        await Eventually.HoldsAsync(async () => !await successor.IsActiveAsync(Slot), "the slot is released");
        await successor.DropSlotAsync(Slot);
        failure = await FailAsync(moved, second);
        Assert.Equal(FailureKind.PositionLost, failure.Kind);
        Assert.Contains("does not exist any more", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_cluster_is_refused_though_its_slot_has_the_name_and_its_WAL_the_length()
    {
        using var other = PostgresServer.Start();
        var database = new Database(fixture.Server);
        var table = Database.Unique("identity");
        await database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        await using var setup = new Setup(database, $"public.{table}");
        var checkpoint = await setup.DeliverAsync(table, 1);
        var elsewhere = new Database(other);
        await elsewhere.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        await using var moved = new Setup(elsewhere, $"public.{table}") { Slot = setup.Slot };

        var failure = await FailAsync(moved, checkpoint);

        Assert.Equal(FailureKind.PositionLost, failure.Kind);
        Assert.Contains("this is another cluster", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await elsewhere.ScalarAsync<long>("SELECT count(*) FROM pg_replication_slots"));
    }

    [Fact]
    [Trait("Scenario", "PG02")]
    public async Task Accepted_loss_is_a_window_with_its_range_and_reading_goes_on_behind_it()
    {
        var database = new Database(fixture.Server);
        var table = Database.Unique("accepted");
        await database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        await using var setup = new Setup(database, $"public.{table}") { OnPositionLost = PositionLostPolicy.AcceptLoss };
        var checkpoint = await setup.DeliverAsync(table, 1);
        await database.DropSlotAsync(setup.Slot);
        await database.ExecuteAsync($"INSERT INTO {table} VALUES (2)");

        var reading = await setup.StartAsync(checkpoint);
        var window = Assert.IsType<LossWindow>(await reading.NextAsync());
        await database.ExecuteAsync($"INSERT INTO {table} VALUES (3)");
        var (events, watermark) = await reading.NextTransactionAsync();

        Assert.Equal((LossCause.PositionLost, true), (window.Cause, window.IsCertain));
        Assert.Contains($"Changes between {Lsn.Format(Lsn.OfState(checkpoint))} and ", window.Detail, StringComparison.Ordinal);
        Assert.Equal(CheckpointState.Of(checkpoint).At, window.OpenedAt);
        Assert.InRange(window.OpenedAt, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.True(window.ClosedAt >= window.OpenedAt);
        Assert.Equal("3", Assert.Single(events).After?.GetString("id"));

        // Nothing was ever received, so nobody knows since when something is missing.
        var first = new Watermark(checkpoint.Position) { State = new CheckpointState(Lsn.OfState(checkpoint), CheckpointState.Of(checkpoint).Server, default).ToBytes() };
        await setup.StopAllAsync();
        await Eventually.HoldsAsync(async () => !await database.IsActiveAsync(setup.Slot), "the slot is released");
        await database.ExecuteAsync($"SELECT pg_replication_slot_advance('{setup.Slot}', pg_current_wal_lsn())");
        Assert.Equal(DateTimeOffset.UnixEpoch, Assert.IsType<LossWindow>(await (await setup.StartAsync(first)).NextAsync()).OpenedAt);

        // It is over: the next start has nothing to report.
        await setup.StopAllAsync();
        await Eventually.HoldsAsync(async () => !await database.IsActiveAsync(setup.Slot), "the slot is released");
        var again = await setup.StartAsync(watermark);
        await database.ExecuteAsync($"INSERT INTO {table} VALUES (4)");
        Assert.Equal("4", Assert.IsType<ChangeEvent>(await again.NextAsync()).After?.GetString("id"));
    }

    [Fact]
    [Trait("Scenario", "PG15")]
    public async Task An_accepted_slot_that_is_lost_is_made_again()
    {
        using var server = PostgresServer.Start("max_slot_wal_keep_size = 1MB", "min_wal_size = 32MB", "max_wal_size = 32MB");
        var database = new Database(server);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        await using var setup = new Setup(database, "public.orders") { OnPositionLost = PositionLostPolicy.AcceptLoss };
        var checkpoint = await setup.DeliverAsync("orders", 1);
        for (var i = 0; i < 4; i++)
        {
            await database.ExecuteAsync("CREATE TABLE filler AS SELECT 1; DROP TABLE filler");
            await database.ExecuteAsync("SELECT pg_switch_wal()");
        }

        await database.ExecuteAsync("CHECKPOINT");
        Assert.Equal("lost", await database.ScalarAsync<string>("SELECT wal_status FROM pg_replication_slots"));

        var reading = await setup.StartAsync(checkpoint);
        Assert.IsType<LossWindow>(await reading.NextAsync());
        await database.ExecuteAsync("INSERT INTO orders VALUES (2)");
        Assert.Equal("2", (await reading.NextEventAsync()).After?.GetString("id"));
    }

    [Fact]
    public async Task What_lies_before_the_checkpoint_cannot_be_accepted()
    {
        var database = new Database(fixture.Server);
        var table = Database.Unique("before");
        await database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        await using var setup = new Setup(database, $"public.{table}") { OnPositionLost = PositionLostPolicy.AcceptLoss };
        await setup.DeliverAsync(table, 1);

        var state = new CheckpointState(1UL << 50, default, default).ToBytes();
        var failure = await FailAsync(setup, new Watermark(new SourcePosition("", SourcePosition.Compose(1UL << 50, 0))) { State = state });

        Assert.Equal(FailureKind.PositionLost, failure.Kind);
        Assert.Contains("\"acceptLoss\" cannot do it here", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1\t0/5000000\tno recovery target specified\n", 1u, 0x5000000ul)]
    [InlineData("1\t0/5000000\treason\n\n2\tA/10\tbefore 2026-01-01\n", 2u, 0xA_0000_0010ul)]
    [InlineData("1\t0/5000000\treason\n", 2u, null)]
    [InlineData("", 1u, null)]
    public void A_history_file_tells_where_a_timeline_ended(string history, uint timeline, ulong? expected) =>
        Assert.Equal(expected, TimelineHistory.EndOf(history, timeline));

    static Task<PluginException> FailAsync(Setup setup, Watermark checkpoint) =>
        Assert.ThrowsAsync<PluginException>(setup.Read(setup.NewSource(), checkpoint).NextAsync);
}
