namespace Penstock.PostgresWal.Tests;

public sealed class StreamingTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task Inserts_updates_and_deletes_arrive_with_rows_keys_positions_and_one_watermark()
    {
        var table = Database.Unique("orders");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, status text)");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"BEGIN; INSERT INTO {table} VALUES (1, 'new'); UPDATE {table} SET status = 'paid'; DELETE FROM {table}; COMMIT");
        var (events, watermark) = await reading.NextTransactionAsync();

        Assert.Equal([ChangeKind.Insert, ChangeKind.Update, ChangeKind.Delete], events.Select(e => e.Kind));
        Assert.All(events, e => Assert.Equal($"public.{table}", e.Subject));
        Assert.All(events, e => Assert.Equal("1"u8, e.Key.Span));
        Assert.Equal("new", events[0].After?.GetString("status"));
        Assert.Null(events[0].Before);
        Assert.Equal("paid", events[1].After?.GetString("status"));
        Assert.Null(events[1].Before);
        Assert.Null(events[2].After);
        Assert.Equal("1", events[2].Before?.GetString("id"));
        Assert.Equal(FieldState.Absent, events[2].Before?.GetState(1));
        Assert.Equal([1L, 2L, 3L], events.Select(e => e.Transaction!.Value.Index));
        Assert.Equal([false, false, true], events.Select(e => e.Transaction!.Value.IsLast));
        Assert.Single(events.Select(e => e.Transaction!.Value.Id).Distinct(ReferenceEqualityComparer.Instance));
        Assert.Equal([1u, 2u, 3u], events.Select(Ordinal));
        Assert.Equal(events[2].Position, watermark.Position);
        Assert.Equal(28, watermark.State.Length);
        Assert.InRange(DateTimeOffset.UtcNow - events[0].OccurredAt!.Value, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Interleaved_transactions_arrive_in_commit_order_with_rising_positions()
    {
        var table = Database.Unique("interleaved");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await using var first = await _database.ConnectAsync();
        await using var second = await _database.ConnectAsync();

        await Database.ExecuteAsync(first, $"BEGIN; INSERT INTO {table} VALUES (11)");
        await Database.ExecuteAsync(second, $"BEGIN; INSERT INTO {table} VALUES (21)");
        await Database.ExecuteAsync(first, $"INSERT INTO {table} VALUES (12)");
        await Database.ExecuteAsync(second, $"INSERT INTO {table} VALUES (22); COMMIT");
        await Database.ExecuteAsync(first, $"INSERT INTO {table} VALUES (13); COMMIT");
        var events = await reading.NextEventsAsync(5);

        Assert.Equal(["21", "22", "11", "12", "13"], events.Select(e => e.After?.GetString("id")));
        Assert.Equal([1u, 2u, 1u, 2u, 3u], events.Select(Ordinal));
        Assert.Equal(events.OrderBy(e => e.Position.Order), events);
        Assert.Equal(5, events.Select(e => e.Position).Distinct().Count());
    }

    [Fact]
    public async Task Tables_that_are_not_configured_count_but_do_not_arrive()
    {
        var (wanted, other) = (Database.Unique("wanted"), Database.Unique("other"));
        var publication = Database.Unique("publication");
        await _database.ExecuteAsync($"CREATE TABLE {wanted} (id int PRIMARY KEY); CREATE TABLE {other} (id int PRIMARY KEY)");
        await _database.ExecuteAsync($"CREATE PUBLICATION {publication} FOR TABLE {wanted}, {other}");
        await using var setup = new Setup(_database, $"public.{wanted}") { Publication = publication };
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"BEGIN; INSERT INTO {other} VALUES (1); INSERT INTO {wanted} VALUES (2); UPDATE {other} SET id = 3; INSERT INTO {wanted} VALUES (4); DELETE FROM {other}; COMMIT");
        await _database.ExecuteAsync($"INSERT INTO {other} VALUES (5)");
        var (events, watermark) = await reading.NextTransactionAsync();
        var (none, filtered) = await reading.NextTransactionAsync();

        Assert.Equal(["2", "4"], events.Select(e => e.After?.GetString("id")));

        // The key update in between counts as two.
        Assert.Equal([2u, 5u], events.Select(Ordinal));
        Assert.Equal([false, true], events.Select(e => e.Transaction!.Value.IsLast));
        Assert.Equal(6u, (uint)(watermark.Position.Order >> 32));
        Assert.Empty(none);
        Assert.Equal(1u, (uint)(filtered.Position.Order >> 32));
    }

    [Fact]
    public async Task Values_below_and_beyond_every_buffer_arrive_whole_one_after_another()
    {
        int[] lengths = [10, 65_000, 70_000, 7, 1_100_000, 3, 3_000_000, 0, 1_048_000, 5];
        var table = Database.Unique("sizes");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, big text)");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES {string.Join(", ", lengths.Select((length, i) => $"({i}, repeat('{(char)('a' + i)}', {length}))"))}");
        var events = await reading.NextEventsAsync(lengths.Length);

        Assert.Equal(
            lengths.Select((length, i) => new string((char)('a' + i), length)),
            events.Select(e => e.After?.GetString("big")));
    }

    static uint Ordinal(ChangeEvent change) => (uint)(change.Position.Order >> 32);
}
