using System.Buffers.Binary;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class PositionTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task A_slot_recreated_while_the_host_was_away_is_a_lost_position()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        var checkpoint = await setup.DeliverAsync(table, 1);

        await _database.DropSlotAsync(setup.Slot);
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2)");
        await _database.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{setup.Slot}', 'pgoutput')");
        var failure = await FailAsync(setup, checkpoint);

        Assert.Equal(FailureKind.PositionLost, failure.Kind);
        Assert.Matches("stands at [0-9A-F]+/[0-9A-F]+, after the checkpoint at [0-9A-F]+/[0-9A-F]+", failure.Message);
        Assert.Contains("penstock positions reset PIPELINE/SOURCE --to start", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slot_advanced_by_somebody_else_is_a_lost_position()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        var checkpoint = await setup.DeliverAsync(table, 1);

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2)");
        await _database.ExecuteAsync($"SELECT pg_replication_slot_advance('{setup.Slot}', pg_current_wal_lsn())");

        Assert.Equal(FailureKind.PositionLost, (await FailAsync(setup, checkpoint)).Kind);
    }

    [Fact]
    public async Task A_slot_that_is_gone_is_a_lost_position_and_is_not_created_again()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        var checkpoint = await setup.DeliverAsync(table, 1);

        await _database.DropSlotAsync(setup.Slot);
        var failure = await FailAsync(setup, checkpoint);

        Assert.Equal(FailureKind.PositionLost, failure.Kind);
        Assert.Contains("does not exist any more", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await _database.ScalarAsync<long>($"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'"));
    }

    [Fact]
    public async Task A_checkpoint_after_the_end_of_the_servers_WAL_is_a_lost_position()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        await setup.DeliverAsync(table, 1);
        var state = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(state, 1UL << 50);

        var failure = await FailAsync(setup, new Watermark(new SourcePosition("", SourcePosition.Compose(1UL << 50, 0))) { State = state });

        Assert.Equal(FailureKind.PositionLost, failure.Kind);
        Assert.Contains("after the end of the server's WAL", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slot_that_outran_its_WAL_limit_is_a_lost_position()
    {
        using var server = PostgresServer.Start("max_slot_wal_keep_size = 1MB", "min_wal_size = 32MB", "max_wal_size = 32MB");
        var database = new Database(server);
        var table = await CreateTableAsync(database);
        await using var setup = new Setup(database, $"public.{table}");
        var checkpoint = await setup.DeliverAsync(table, 1);

        for (var i = 0; i < 4; i++)
        {
            await database.ExecuteAsync("CREATE TABLE filler AS SELECT 1; DROP TABLE filler");
            await database.ExecuteAsync("SELECT pg_switch_wal()");
        }

        await database.ExecuteAsync("CHECKPOINT");
        Assert.Equal("lost", await database.ScalarAsync<string>("SELECT wal_status FROM pg_replication_slots"));

        var failure = await FailAsync(setup, checkpoint);
        Assert.Equal(FailureKind.PositionLost, failure.Kind);
        Assert.Contains("max_slot_wal_keep_size", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Scenario", "PG08")]
    public async Task A_clean_restart_and_a_crash_of_the_server_are_no_lost_position()
    {
        using var server = PostgresServer.Start("log_replication_commands = on");
        var database = new Database(server);
        var table = await CreateTableAsync(database);
        await using var setup = new Setup(database, $"public.{table}");
        var checkpoint = await setup.DeliverAsync(table, 1);
        Assert.Equal(Lsn.OfState(checkpoint), await database.ConfirmedAsync(setup.Slot));

        server.Kill();
        server.Start();
        Assert.True(await database.ConfirmedAsync(setup.Slot) < Lsn.OfState(checkpoint), "a killed server forgets what was confirmed since its last checkpoint");
        await database.ExecuteAsync($"INSERT INTO {table} VALUES (2)");

        var again = await setup.StartAsync(checkpoint);
        Assert.Equal("2", (await again.NextEventAsync()).After?.GetString("id"));
        Assert.Contains($"SLOT {setup.Slot} LOGICAL {Lsn.Format(Lsn.OfState(checkpoint))} ", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_checkpoint_the_slot_decides_and_no_alarm_is_raised()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        await setup.DeliverAsync(table, 1);

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2)");
        var again = await setup.StartAsync();

        Assert.Equal("2", (await again.NextEventAsync()).After?.GetString("id"));
    }

    [Fact]
    public async Task A_checkpoint_that_another_plugin_wrote_is_refused()
    {
        await using var setup = new Setup(_database, "public.any");

        var failure = await FailAsync(setup, new Watermark(default) { State = new byte[3] });

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains("28 bytes", failure.Message, StringComparison.Ordinal);
    }

    static async Task<string> CreateTableAsync(Database database)
    {
        var table = Database.Unique("lost");
        await database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }

    static Task<PluginException> FailAsync(Setup setup, Watermark checkpoint) =>
        Assert.ThrowsAsync<PluginException>(setup.Read(setup.NewSource(), checkpoint).NextAsync);

    [Fact]
    public void A_checkpoint_amid_a_transaction_is_of_a_server_that_has_its_commit()
    {
        const ulong before = 0x1000, commit = 0x5000;
        var (old, promoted) = (new ServerIdentity(7, 1), new ServerIdentity(7, 2));
        var resume = new ResumePoint(Lsn.Position(commit, 10_000).Order, new CheckpointState(before, old, default));
        var slot = new SlotFacts("pgoutput", "d", before, "reserved", false, null);

        Check(old, flushed: commit + 1, timelineEnd: null);
        Check(promoted, flushed: commit + 0x1000, timelineEnd: commit + 1);
        Assert.Equal(FailureKind.PositionLost, Assert.Throws<PluginException>(() => Check(old, flushed: commit, timelineEnd: null)).Kind);
        Assert.Equal(FailureKind.PositionLost, Assert.Throws<PluginException>(() => Check(promoted, flushed: commit + 0x1000, timelineEnd: commit)).Kind);

        void Check(ServerIdentity now, ulong flushed, ulong? timelineEnd) =>
            PositionCheck.Run("s", resume, new ServerFacts("logical", default, "r", true, "d", "UTF8", flushed, now, false, 15), slot, timelineEnd);
    }
}
