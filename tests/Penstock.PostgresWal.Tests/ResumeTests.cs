using System.Text;
using Npgsql;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class ResumeTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task A_source_that_stops_at_any_message_goes_on_with_exactly_the_next_one()
    {
        var table = await CreateTableAsync("cuts");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await InterleaveAsync(table);
        var all = await ReadMessagesAsync(reading, messages: 7);
        await setup.StopAllAsync();

        for (var cut = 1; cut < all.Count; cut++)
        {
            // What the host does: the last position it received, with the state of the last whole transaction.
            var received = all.Take(cut).ToList();
            var state = received.OfType<Watermark>().LastOrDefault() ?? reading.Start!;
            var position = received[^1] is ChangeEvent change ? change.Position : ((Watermark)received[^1]).Position;
            var again = await setup.StartAsync(new Watermark(position) { State = state.State });
            var rest = await ReadMessagesAsync(again, all.Count - cut);

            Assert.Equal(all.Skip(cut).Select(Describe), rest.Select(Describe));
            await setup.StopAllAsync();
        }
    }

    [Fact]
    public async Task A_source_that_lost_the_watermark_after_the_last_event_only_repeats_the_watermark()
    {
        var table = await CreateTableAsync("watermarks");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1), (2)");
        var (events, watermark) = await reading.NextTransactionAsync();
        await setup.StopAllAsync();

        var again = await setup.StartAsync(new Watermark(events[1].Position) { State = reading.Start!.State });
        var message = Assert.IsType<Watermark>(await again.NextAsync());

        Assert.Equal(watermark.Position, message.Position);
        Assert.Equal(watermark.State.ToArray(), message.State.ToArray());
    }

    [Fact]
    [Trait("Scenario", "PG05")]
    public async Task Confirming_the_end_of_a_transaction_resends_exactly_what_follows()
    {
        var table = await CreateTableAsync("boundary");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2)");
        var (_, first) = await reading.NextTransactionAsync();
        await reading.NextTransactionAsync();

        await reading.Source.AcknowledgeAsync([reading.Start!, first], TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(async () => await _database.ConfirmedAsync(setup.Slot) == Lsn.OfState(first), "the first transaction is confirmed");
        await setup.StopAllAsync();

        // Without a checkpoint only the slot decides what comes again.
        var again = await setup.StartAsync();
        var (events, _) = await again.NextTransactionAsync();
        Assert.Equal("2", Assert.Single(events).After?.GetString("id"));
    }

    [Fact]
    public async Task Every_row_of_concurrent_writers_arrives_once_across_restarts_and_lost_connections()
    {
        const int writers = 8, rows = 150;
        var table = await CreateTableAsync("writers");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => WriteAsync(table, writer * 1_000, rows)));

        var seen = new List<string>();
        SourcePosition position = default;
        ReadOnlyMemory<byte> state = default;
        UInt128 last = 0;
        var ways = 0;
        while (seen.Count < writers * rows)
        {
            // A source of its own is a restart of the process; the same source is a reconnect; every third loses its connection.
            for (var i = 0; i < 40 && seen.Count < writers * rows; i++)
            {
                if (ways % 3 == 2 && i == 20)
                {
                    await _database.ExecuteAsync($"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'");
                }

                try
                {
                    switch (await reading.NextAsync())
                    {
                        case ChangeEvent change:
                            Assert.True(change.Position.Order > last, "positions rise");
                            last = change.Position.Order;
                            position = change.Position;
                            seen.Add(change.After!.Value.GetString("id")!);
                            break;
                        case Watermark watermark:
                            (position, state) = (watermark.Position, watermark.State);
                            break;
                    }

                    state = state.IsEmpty && reading.Start is { } start ? start.State : state;
                }
                catch (PluginException e)
                {
                    Assert.Equal(FailureKind.Transient, e.Kind);
                    break;
                }
                catch (TimeoutException)
                {
                    Assert.Fail($"{seen.Count} rows arrived, the last at {position}, then nothing; the writers: {writing.Status}, ways: {ways}");
                }
            }

            ways++;
            if (ways % 3 == 0)
            {
                reading = await ReconnectAsync(setup, reading.Source, position, state);
            }
            else
            {
                await setup.StopAllAsync();
                reading = await ReconnectAsync(setup, setup.NewSource(), position, state);
            }
        }

        await writing;
        Assert.True(ways > 10, $"restarted {ways} times");
        Assert.Equal(writers * rows, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_terminated_backend_is_a_transient_failure_and_the_same_source_goes_on()
    {
        var table = await CreateTableAsync("killed");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} SELECT generate_series(1, 3)");
        var events = await reading.NextEventsAsync(2);

        await _database.ExecuteAsync($"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'");
        var failure = await Assert.ThrowsAsync<PluginException>(async () =>
        {
            while (true)
            {
                await reading.NextAsync();
            }
        });
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (4)");
        var again = setup.Read(reading.Source, new Watermark(events[1].Position) { State = reading.Start!.State });

        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Equal(["3", "4"], (await again.NextEventsAsync(2)).Select(e => e.After?.GetString("id")));
    }

    static async Task<Reading> ReconnectAsync(Setup setup, PostgresWalSource source, SourcePosition position, ReadOnlyMemory<byte> state)
    {
        // As the host does: again and again while the server has not yet noticed that the last connection is gone.
        await Eventually.HoldsAsync(async () => !await setup.Database.IsActiveAsync(setup.Slot), "the slot is free");
        return setup.Read(source, new Watermark(position) { State = state });
    }

    async Task<string> CreateTableAsync(string prefix)
    {
        var table = Database.Unique(prefix);
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }

    // Two transactions of 3 and 2 rows that overlap and commit in the other order, and one that is rolled back.
    async Task InterleaveAsync(string table)
    {
        await using var first = await _database.ConnectAsync();
        await using var second = await _database.ConnectAsync();
        await Database.ExecuteAsync(first, $"BEGIN; INSERT INTO {table} VALUES (1)");
        await Database.ExecuteAsync(second, $"BEGIN; INSERT INTO {table} VALUES (2), (3); COMMIT");
        await Database.ExecuteAsync(first, $"INSERT INTO {table} VALUES (4), (5); COMMIT");
        await Database.ExecuteAsync(second, $"BEGIN; INSERT INTO {table} VALUES (6); ROLLBACK");
    }

    async Task WriteAsync(string table, int from, int count)
    {
        await using var connection = await _database.ConnectAsync();
        await using var insert = new NpgsqlCommand($"INSERT INTO {table} VALUES ($1)", connection) { Parameters = { new NpgsqlParameter<int>() } };
        for (var i = 0; i < count; i++)
        {
            ((NpgsqlParameter<int>)insert.Parameters[0]).TypedValue = from + i;
            await insert.ExecuteNonQueryAsync();
        }
    }

    static async Task<List<SourceMessage>> ReadMessagesAsync(Reading reading, int messages)
    {
        var read = new List<SourceMessage>();
        while (read.Count < messages)
        {
            read.Add(await reading.NextAsync());
        }

        return read;
    }

    static string Describe(SourceMessage message) => message switch
    {
        ChangeEvent e => $"{e.Kind} {e.Position} {Encoding.ASCII.GetString(e.Key.Span)} {e.Transaction!.Value.Index} {e.Transaction.Value.IsLast}",
        Watermark w => $"watermark {w.Position} {Convert.ToHexString(w.State.Span)}",
        _ => throw new InvalidOperationException($"Unexpected {message}."),
    };
}
