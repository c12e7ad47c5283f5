using System.Text;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>What commits arrives, whatever happens beside and inside it; what does not commit never does.</summary>
public sealed class TransactionTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    [Trait("Scenario", "PG04")]
    public async Task Interleaved_transactions_cut_at_any_message_go_on_from_the_last_position_and_from_the_last_watermark()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        var committed = await InterleaveAsync(table);
        var all = new List<SourceMessage>();
        while (all.OfType<ChangeEvent>().Count() < committed.Count || all[^1] is not Watermark)
        {
            all.Add(await reading.NextAsync());
        }

        await setup.StopAllAsync();
        Assert.Equal(committed, all.OfType<ChangeEvent>().Select(Id));
        Assert.InRange(all.Count, 15, 60);
        for (var cut = 1; cut < all.Count; cut++)
        {
            // The state is that of the last whole transaction.
            var mark = all.Take(cut).OfType<Watermark>().LastOrDefault() ?? reading.Start!;
            var position = all[cut - 1] is ChangeEvent change ? change.Position : ((Watermark)all[cut - 1]).Position;
            Assert.Equal(all.Skip(cut).Select(Describe), await RestAsync(setup, new Watermark(position) { State = mark.State }, all.Count - cut));

            // A process that has only its checkpoint.
            var from = all.IndexOf(mark) + 1;
            Assert.Equal(all.Skip(from).Select(Describe), await RestAsync(setup, mark, all.Count - from));
        }
    }

    [Fact]
    [Trait("Scenario", "PG24")]
    [Trait("Scenario", "PG25")]
    public async Task Nothing_of_what_is_rolled_back_arrives_and_what_is_prepared_arrives_at_its_commit()
    {
        using var server = PostgresServer.Start("max_prepared_transactions = 5", "logical_decoding_work_mem = 64kB");
        var database = new Database(server);
        var table = await CreateTableAsync(database);
        await using var setup = new Setup(database, $"public.{table}");
        var reading = await setup.StartAsync();

        // Larger than what decoding keeps in memory, so that it spills.
        await database.ExecuteAsync($"BEGIN; INSERT INTO {table} SELECT generate_series(100000, 120000); ROLLBACK");
        await database.ExecuteAsync($"BEGIN; INSERT INTO {table} VALUES (1); SAVEPOINT a; INSERT INTO {table} SELECT generate_series(200000, 220000); SAVEPOINT b; INSERT INTO {table} VALUES (300000); ROLLBACK TO a; INSERT INTO {table} VALUES (2); COMMIT");
        await database.ExecuteAsync($"BEGIN; INSERT INTO {table} VALUES (3); PREPARE TRANSACTION 'kept'");
        await database.ExecuteAsync($"BEGIN; INSERT INTO {table} VALUES (400000); PREPARE TRANSACTION 'dropped'");
        await database.ExecuteAsync($"INSERT INTO {table} VALUES (4)");
        var (first, _) = await reading.NextTransactionAsync();
        var (second, watermark) = await reading.NextTransactionAsync();
        Assert.Equal(["1", "2", "4"], first.Concat(second).Select(Id));
        await reading.Source.AcknowledgeAsync([watermark], TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(async () => await database.ConfirmedAsync(setup.Slot) == Lsn.OfState(watermark), "all that committed is confirmed");

        // Host and server end between the two phases.
        await setup.StopAllAsync();
        await Eventually.HoldsAsync(async () => !await database.IsActiveAsync(setup.Slot), "the slot is free");
        server.Restart();
        await database.ExecuteAsync("COMMIT PREPARED 'kept'");
        await database.ExecuteAsync("ROLLBACK PREPARED 'dropped'");
        await database.ExecuteAsync($"INSERT INTO {table} VALUES (5)");
        var again = await setup.StartAsync(watermark);
        Assert.Equal(["3", "5"], (await again.NextEventsAsync(2)).Select(Id));
        Assert.Equal(5L, await database.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
    }

    [Fact]
    [Trait("Scenario", "PG39")]
    public async Task A_key_that_is_deleted_and_used_again_in_one_transaction_is_two_events_in_order()
    {
        var table = await CreateTableAsync(_database);
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'old')");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"BEGIN; DELETE FROM {table} WHERE id = 1; INSERT INTO {table} VALUES (1, 'new'); DELETE FROM {table} WHERE id = 1; INSERT INTO {table} VALUES (1, 'newer'); COMMIT");
        var (events, _) = await reading.NextTransactionAsync();

        Assert.Equal([ChangeKind.Delete, ChangeKind.Insert, ChangeKind.Delete, ChangeKind.Insert], events.Select(e => e.Kind));
        Assert.All(events, e => Assert.Equal("1"u8, e.Key.Span));
        Assert.Equal([null, "new", null, "newer"], events.Select(e => e.After?.GetString("note")));
        Assert.Equal([1L, 2, 3, 4], events.Select(e => e.Transaction!.Value.Index));
    }

    [Fact]
    [Trait("Scenario", "PG41")]
    public async Task A_row_that_leaves_the_filter_is_deleted_and_one_that_enters_is_inserted()
    {
        await _database.SkipWithoutListsAsync();
        var table = await CreateTableAsync(_database);
        await _database.ExecuteAsync($"ALTER TABLE {table} REPLICA IDENTITY FULL; CREATE PUBLICATION {table} FOR TABLE {table} WHERE (note LIKE 'in%')");
        await using var setup = new Setup(_database, $"public.{table}") { Publication = table };
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'in'), (2, 'out'), (3, 'in')");
        await _database.ExecuteAsync($"UPDATE {table} SET note = 'out' WHERE id = 1; UPDATE {table} SET note = 'in2' WHERE id = 2; UPDATE {table} SET note = 'in3' WHERE id = 3; DELETE FROM {table} WHERE id = 1");
        var events = await reading.NextEventsAsync(5);

        Assert.Equal(["Insert 1", "Insert 3", "Delete 1", "Insert 2", "Update 3"], events.Select(e => $"{e.Kind} {Encoding.ASCII.GetString(e.Key.Span)}"));
        Assert.Equal(await _database.ScalarAsync<string[]>($"SELECT array_agg(id || note ORDER BY id) FROM {table} WHERE note LIKE 'in%'"), Mirror(events));
    }

    [Theory]
    [InlineData("DEFAULT", "id")]
    [InlineData("FULL", "id")]
    [InlineData("USING INDEX {0}_code_key", "code")]
    [Trait("Scenario", "PG22")]
    public async Task Rows_that_change_their_key_end_as_the_table_does_however_the_lanes_run(string identity, string key)
    {
        var table = Database.Unique("moves");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, code int NOT NULL UNIQUE, note text); ALTER TABLE {table} REPLICA IDENTITY {string.Format(identity, table)}");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} SELECT g, g, 'v0' FROM generate_series(1, 8) g");
        var random = new Random(22);
        for (var i = 1; i <= 60; i++)
        {
            // Often to a key that another row had a moment ago.
            var column = random.Next(2) == 0 ? "id" : "code";
            await _database.ExecuteAsync($"UPDATE {table} SET {column} = (SELECT g FROM generate_series(1, 10) g WHERE g NOT IN (SELECT {column} FROM {table}) ORDER BY random() LIMIT 1), note = 'v{i}' WHERE {column} = (SELECT {column} FROM {table} ORDER BY random() LIMIT 1)");
        }

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (99, 99, 'end')");
        var events = new List<ChangeEvent>();
        while (events.LastOrDefault()?.After?.GetString("note") != "end")
        {
            events.Add(await reading.NextEventAsync());
        }

        var expected = await _database.ScalarAsync<string[]>($"SELECT array_agg({key} || note ORDER BY {key}) FROM {table}");
        Assert.Equal(expected, Mirror(events, key));
        Assert.True(events.Count(e => e.Kind == ChangeKind.Delete) > 10, "keys have changed");

        // One lane after another: the order of a key is all that lanes keep.
        foreach (var lanes in (int[])[2, 4])
        {
            Assert.Equal(expected, Mirror(events.GroupBy(e => int.Parse(Encoding.ASCII.GetString(e.Key.Span)) % lanes).OrderByDescending(lane => lane.Key).SelectMany(lane => lane), key));
        }
    }

    // The state that the events make, by key.
    static SortedDictionary<int, string>.ValueCollection Mirror(IEnumerable<ChangeEvent> events, string key = "id")
    {
        var rows = new SortedDictionary<int, string>();
        foreach (var change in events)
        {
            var id = int.Parse(Encoding.ASCII.GetString(change.Key.Span));
            if (change.After is { } row)
            {
                Assert.Equal($"{id}", row.GetString(key));
                rows[id] = $"{id}{row.GetString("note")}";
            }
            else
            {
                Assert.True(rows.Remove(id));
            }
        }

        return rows.Values;
    }

    // Four transactions that overlap, with savepoints and rollbacks. Returns the ids in the order of the commits.
    async Task<IReadOnlyList<string>> InterleaveAsync(string table)
    {
        await using var a = await _database.ConnectAsync();
        await using var b = await _database.ConnectAsync();
        await using var c = await _database.ConnectAsync();
        await using var d = await _database.ConnectAsync();
        await Database.ExecuteAsync(a, $"BEGIN; INSERT INTO {table} VALUES (1)");
        await Database.ExecuteAsync(b, $"BEGIN; INSERT INTO {table} VALUES (11); SAVEPOINT s; INSERT INTO {table} VALUES (12)");
        await Database.ExecuteAsync(c, $"BEGIN; INSERT INTO {table} VALUES (21)");
        await Database.ExecuteAsync(d, $"BEGIN; INSERT INTO {table} VALUES (31)");
        await Database.ExecuteAsync(b, $"ROLLBACK TO s; INSERT INTO {table} VALUES (13)");
        await Database.ExecuteAsync(d, $"INSERT INTO {table} VALUES (32); COMMIT");
        await Database.ExecuteAsync(a, $"SAVEPOINT s; INSERT INTO {table} VALUES (2); SAVEPOINT t; INSERT INTO {table} VALUES (3); ROLLBACK TO t; RELEASE s; INSERT INTO {table} VALUES (4)");
        await Database.ExecuteAsync(c, $"INSERT INTO {table} VALUES (22); ROLLBACK");
        await Database.ExecuteAsync(c, $"BEGIN; INSERT INTO {table} VALUES (23); COMMIT");
        await Database.ExecuteAsync(b, $"INSERT INTO {table} VALUES (14); COMMIT");
        await Database.ExecuteAsync(a, $"INSERT INTO {table} VALUES (5); COMMIT");
        await Database.ExecuteAsync(d, $"BEGIN; INSERT INTO {table} VALUES (33); SAVEPOINT s; INSERT INTO {table} VALUES (34); RELEASE s; COMMIT");
        return ["31", "32", "23", "11", "13", "14", "1", "2", "4", "5", "33", "34"];
    }

    static async Task<IReadOnlyList<string>> RestAsync(Setup setup, Watermark from, int messages)
    {
        var reading = await setup.StartAsync(from);
        var rest = new List<string>();
        while (rest.Count < messages)
        {
            rest.Add(Describe(await reading.NextAsync()));
        }

        await setup.StopAllAsync();
        return rest;
    }

    static string Describe(SourceMessage message) => message switch
    {
        ChangeEvent e => $"{e.Kind} {e.Position} {Id(e)} {e.Transaction!.Value.Index} {e.Transaction.Value.IsLast}",
        Watermark w => $"watermark {w.Position} {Convert.ToHexString(w.State.Span)}",
        _ => throw new InvalidOperationException($"Unexpected {message}."),
    };

    static string Id(ChangeEvent change) => change.After!.Value.GetString("id")!;

    static async Task<string> CreateTableAsync(Database database)
    {
        var table = Database.Unique("tx");
        await database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, note text)");
        return table;
    }
}
