using NpgsqlTypes;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class ConfirmationTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task Only_what_the_host_acknowledged_is_confirmed_and_it_never_goes_back()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}") { StatusInterval = TimeSpan.FromMilliseconds(100) };
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2)");
        var (_, first) = await reading.NextTransactionAsync();
        var (_, second) = await reading.NextTransactionAsync();

        await reading.Source.AcknowledgeAsync([first], TestContext.Current.CancellationToken);
        await HoldsAsync(setup, first);
        await reading.Source.AcknowledgeAsync([second], TestContext.Current.CancellationToken);
        await HoldsAsync(setup, second);
        await reading.Source.AcknowledgeAsync([first], TestContext.Current.CancellationToken);
        await reading.Source.AcknowledgeAsync([], TestContext.Current.CancellationToken);

        // What the source says, not what the slot makes of it: newer servers ignore a step back, older ones take it.
        var now = await _database.ScalarAsync<DateTime>("SELECT clock_timestamp()");
        await Eventually.HoldsAsync(async () => await FeedbackAsync<DateTime>(setup, "reply_time") > now, "the source reports again");
        Assert.Equal(Lsn.OfState(second), (ulong)await FeedbackAsync<NpgsqlLogSequenceNumber>(setup, "flush_lsn"));
    }

    [Fact]
    public async Task After_reading_stopped_acknowledgements_still_reach_the_server()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        var (_, watermark) = await reading.NextTransactionAsync();

        var waiting = reading.TryNextAsync();
        await reading.StopAsync();
        Assert.Null(await waiting);
        Assert.True(await _database.IsActiveAsync(setup.Slot));
        Assert.True(await _database.ConfirmedAsync(setup.Slot) < Lsn.OfState(watermark));
        await reading.Source.AcknowledgeAsync([watermark], TestContext.Current.CancellationToken);

        await HoldsAsync(setup, watermark);
    }

    [Fact]
    public async Task What_was_acknowledged_while_disconnected_is_confirmed_after_the_reconnect()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        var (_, watermark) = await reading.NextTransactionAsync();
        await _database.ExecuteAsync($"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'");
        await Assert.ThrowsAsync<PluginException>(reading.NextAsync);

        await reading.Source.AcknowledgeAsync([watermark], TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(async () => !await _database.IsActiveAsync(setup.Slot), "the slot is free");
        var again = setup.Read(reading.Source, watermark);
        var waiting = again.WaitAsync();

        await HoldsAsync(setup, watermark);
        Assert.False(waiting.IsFaulted);
    }

    [Fact]
    [Trait("Scenario", "PG42")]
    public async Task Disposing_during_a_blocked_read_returns_soon_and_frees_the_slot()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        var waiting = reading.TryNextAsync();
        await Eventually.HoldsAsync(() => _database.IsActiveAsync(setup.Slot), "the source reads");

        await DisposeSoonAsync(reading);
        await DisposeSoonAsync(reading);

        Assert.Null(await waiting);
        await Eventually.HoldsAsync(async () => !await _database.IsActiveAsync(setup.Slot), "the slot is free");
    }

    [Fact]
    [Trait("Scenario", "PG42")]
    public async Task Disposing_while_the_host_does_not_read_returns_soon_and_frees_the_slot()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} SELECT generate_series(1, 200000)");
        await reading.NextEventsAsync(10);

        await DisposeSoonAsync(reading);

        await Eventually.HoldsAsync(async () => !await _database.IsActiveAsync(setup.Slot), "the slot is free");
    }

    static Task DisposeSoonAsync(Reading reading) =>
        reading.Source.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

    static async Task<string> CreateTableAsync(Database database)
    {
        var table = Database.Unique("confirm");
        await database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }

    Task<T> FeedbackAsync<T>(Setup setup, string column) =>
        _database.ScalarAsync<T>(
            $"SELECT {column} FROM pg_stat_replication JOIN pg_replication_slots ON pid = active_pid WHERE slot_name = '{setup.Slot}'");

    Task HoldsAsync(Setup setup, Watermark watermark) =>
        Eventually.HoldsAsync(async () => await _database.ConfirmedAsync(setup.Slot) == Lsn.OfState(watermark), $"{watermark.Position} is confirmed");
}
