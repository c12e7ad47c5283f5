using System.Diagnostics;
using Npgsql;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class IdleTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    [Trait("Scenario", "PG06")]
    public async Task An_idle_slot_beside_a_busy_table_and_a_busy_database_retains_less_than_one_segment()
    {
        const int segment = 16 * 1024 * 1024;
        var (table, busy) = (await CreateTableAsync(_database), Database.Unique("busy"));
        await _database.ExecuteAsync($"CREATE TABLE {busy} (id int, pad text)");
        await _database.ExecuteAsync($"CREATE DATABASE {busy}");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        var pump = AcknowledgeIdleAsync(reading);

        await _database.ExecuteAsync($"INSERT INTO {busy} SELECT g, repeat('x', 1000) FROM generate_series(1, 25000) g");
        var elsewhere = new NpgsqlConnectionStringBuilder(_database.Server.ConnectionString) { Database = busy }.ConnectionString;
        await using (var connection = new NpgsqlConnection(elsewhere))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await Database.ExecuteAsync(connection, "CREATE TABLE t AS SELECT g, repeat('x', 1000) FROM generate_series(1, 25000) g");
        }

        // Nobody confirms now: the WAL piles up, which is what the source must prevent. restart_lsn moves with running-xacts records.
        await Eventually.HoldsAsync(
            async () =>
            {
                await _database.ExecuteAsync("CHECKPOINT");
                return await _database.RetainedAsync(setup.Slot) < segment;
            },
            "the slot lets go of foreign WAL");
        await reading.StopAsync();
        Assert.True(await pump > 0);
    }

    [Fact]
    public async Task Without_idle_watermarks_the_same_load_would_pin_more_than_a_segment()
    {
        const int segment = 16 * 1024 * 1024;
        var (table, busy) = (await CreateTableAsync(_database), Database.Unique("busy"));
        await using var setup = new Setup(_database, $"public.{table}") { StatusInterval = TimeSpan.FromMilliseconds(200) };
        var reading = await setup.StartAsync();
        var waiting = reading.WaitAsync();

        // The watermark that this brings is not acknowledged.
        await _database.ExecuteAsync($"CREATE TABLE {busy} AS SELECT g, repeat('x', 1000) FROM generate_series(1, 25000) g");
        Assert.True(await waiting.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken));
        await _database.ExecuteAsync("CHECKPOINT");

        Assert.True(await _database.RetainedAsync(setup.Slot) > segment);
    }

    [Fact]
    [Trait("Scenario", "PG06")]
    public async Task No_idle_watermark_passes_an_open_transaction_that_commits_later()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}") { StatusInterval = TimeSpan.FromMilliseconds(50) };
        var reading = await setup.StartAsync();
        await using var open = await _database.ConnectAsync();
        await Database.ExecuteAsync(open, $"BEGIN; INSERT INTO {table} VALUES (1)");
        await _database.ExecuteAsync("CREATE TABLE IF NOT EXISTS elsewhere (id int); INSERT INTO elsewhere VALUES (1)");

        var idle = Assert.IsType<Watermark>(await reading.NextAsync());
        await reading.Source.AcknowledgeAsync([idle], TestContext.Current.CancellationToken);
        await HoldsAsync(setup, idle);
        await setup.StopAllAsync();
        await Database.ExecuteAsync(open, "COMMIT");

        var again = await setup.StartAsync(idle);
        var change = await again.NextEventAsync();
        Assert.Equal("1", change.After?.GetString("id"));
        Assert.True(change.Position.Order > idle.Position.Order);
    }

    [Fact]
    [Trait("Scenario", "PG07")]
    public async Task A_server_that_stops_beside_an_idle_source_is_not_held_up()
    {
        using var server = PostgresServer.Start();
        var database = new Database(server);
        var table = await CreateTableAsync(database);
        var setup = new Setup(database, $"public.{table}");
        var reading = await setup.StartAsync();
        var pump = AcknowledgeIdleAsync(reading);
        await Eventually.HoldsAsync(() => database.IsActiveAsync(setup.Slot), "the source reads");
        await database.ExecuteAsync("CREATE TABLE elsewhere AS SELECT generate_series(1, 10000) id");

        var watch = Stopwatch.StartNew();
        await Task.Run(() => server.StopFast(TimeSpan.FromSeconds(30)), TestContext.Current.CancellationToken);

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        var failure = await Assert.ThrowsAsync<PluginException>(() => pump.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        await setup.StopAllAsync();
    }

    static async Task<string> CreateTableAsync(Database database)
    {
        var table = Database.Unique("confirm");
        await database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }

    // The host of an idle pipeline: every watermark is settled at once.
    static async Task<int> AcknowledgeIdleAsync(Reading reading)
    {
        var count = 0;
        while (await reading.TryNextAsync() is { } message)
        {
            await reading.Source.AcknowledgeAsync([Assert.IsType<Watermark>(message)], CancellationToken.None);
            count++;
        }

        return count;
    }

    Task HoldsAsync(Setup setup, Watermark watermark) =>
        Eventually.HoldsAsync(async () => await _database.ConfirmedAsync(setup.Slot) == Lsn.OfState(watermark), $"{watermark.Position} is confirmed");
}
