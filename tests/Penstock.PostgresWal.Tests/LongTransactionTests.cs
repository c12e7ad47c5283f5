using System.Diagnostics;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class LongTransactionTests(PostgresFixture fixture)
{
    const int Rows = 25_000;
    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task Progress_inside_a_transaction_is_kept_while_the_server_is_told_of_whole_ones_only()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} SELECT generate_series(1, {Rows})");

        var (events, watermark) = await reading.NextTransactionAsync();
        Assert.Equal(10_000, events.Count);
        Assert.Equal(events[^1].Position, watermark.Position);
        Assert.Equal(Lsn.OfState(reading.Start!), Lsn.OfState(watermark));
        Assert.DoesNotContain(events, change => change.Transaction!.Value.IsLast);

        // More was read, and is lost with the process.
        await reading.NextEventsAsync(5_000);
        await reading.Source.AcknowledgeAsync([watermark], TestContext.Current.CancellationToken);
        Assert.InRange(await _database.ConfirmedAsync(setup.Slot), 0ul, Lsn.OfState(reading.Start!));
        await setup.StopAllAsync();

        var again = await setup.StartAsync(watermark);
        var (rest, middle) = await again.NextTransactionAsync();
        var (tail, end) = await again.NextTransactionAsync();
        Assert.Equal(
            Enumerable.Range(10_001, Rows - 10_000).Select(id => $"{id}"),
            rest.Concat(tail).Select(change => change.After?.GetString("id")));
        Assert.Equal(20_000u, (uint)(middle.Position.Order >> 32));
        Assert.Equal((uint)Rows, (uint)(end.Position.Order >> 32));
        Assert.True(Lsn.OfState(end) > Lsn.OfState(middle));
        Assert.True(tail[^1].Transaction!.Value.IsLast);
    }

    [Fact]
    public async Task A_sink_that_stalls_inside_a_transaction_never_makes_the_server_give_up()
    {
        using var server = PostgresServer.Start("wal_sender_timeout = 2s");
        var database = new Database(server);
        var table = await CreateTableAsync(database);
        await database.ExecuteAsync($"ALTER TABLE {table} ADD pad text");
        await using var setup = new Setup(database, $"public.{table}");
        var reading = await setup.StartAsync();
        await database.ExecuteAsync($"INSERT INTO {table} SELECT g, repeat('x', 1000) FROM generate_series(1, 50000) g");
        var events = (await reading.NextEventsAsync(100)).Count;
        var walsender = await database.ScalarAsync<int>("SELECT active_pid FROM pg_replication_slots");

        // Three times as long as the server waits for a sign of life; 50 MB are more than the sockets hold.
        var clock = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => clock.Elapsed >= TimeSpan.FromSeconds(6), "the sink has stalled");
        events += (await reading.NextEventsAsync(50_000 - events)).Count;

        Assert.Equal(50_000, events);
        Assert.Equal(walsender, await database.ScalarAsync<int>("SELECT active_pid FROM pg_replication_slots"));
        Assert.DoesNotContain("terminating walsender", server.Log, StringComparison.Ordinal);
    }

    static async Task<string> CreateTableAsync(Database database)
    {
        var table = Database.Unique("long");
        await database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }
}
