using System.Text;

namespace Penstock.PostgresWal.Tests;

public sealed class KeyTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Theory]
    [InlineData("a int, b text, PRIMARY KEY (a)", "DEFAULT", "a")]
    [InlineData("a int, b text, c int, PRIMARY KEY (b, a)", "DEFAULT", "a,b")]
    [InlineData("a int, b text, PRIMARY KEY (a) INCLUDE (b)", "FULL", "a")]
    [InlineData("a int, b text, c int, PRIMARY KEY (a, b)", "FULL", "a,b")]
    [InlineData("a int, b text", "FULL", "")]
    [InlineData("a int PRIMARY KEY, b text NOT NULL, CONSTRAINT {0}_b UNIQUE (b)", "USING INDEX {0}_b", "b")]
    public async Task The_key_is_the_identity_index_or_else_the_primary_key(string columns, string identity, string expected)
    {
        var table = Database.Unique("keys");
        await _database.ExecuteAsync($"CREATE TABLE {table} ({string.Format(columns, table)}); ALTER TABLE {table} REPLICA IDENTITY {string.Format(identity, table)}");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"INSERT INTO {table} (a, b) VALUES (7, 'x'); DELETE FROM {table}");
        var events = await reading.NextEventsAsync(2);

        var schema = events[0].After!.Value.Schema;
        Assert.Equal(expected, string.Join(',', Enumerable.Range(0, schema.Count).Where(i => schema[i].IsKey).Select(i => schema[i].Name)));
        Assert.Equal(
            expected switch { "a" => "7", "b" => "x", "a,b" => "\0\0\0\x0001" + "7\0\0\0\x0001x", _ => "" },
            Encoding.ASCII.GetString(events[0].Key.Span));
        Assert.Equal(events[0].Key.ToArray(), events[1].Key.ToArray());
    }

    [Fact]
    public async Task A_table_without_identity_that_publishes_only_inserts_has_its_primary_key_or_none()
    {
        var (none, nothing, publication) = (Database.Unique("none"), Database.Unique("nothing"), Database.Unique("publication"));
        await _database.ExecuteAsync($"""
            CREATE TABLE {none} (a int); CREATE TABLE {nothing} (a int, b int PRIMARY KEY); ALTER TABLE {nothing} REPLICA IDENTITY NOTHING;
            CREATE PUBLICATION {publication} FOR TABLE {none}, {nothing} WITH (publish = 'insert');
            """);
        await using var setup = new Setup(_database, $"public.{none}", $"public.{nothing}") { Publication = publication };
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"INSERT INTO {none} VALUES (1); INSERT INTO {nothing} VALUES (2, 3)");
        var events = await reading.NextEventsAsync(2);

        Assert.True(events[0].Key.IsEmpty);
        Assert.Equal("3"u8, events[1].Key.Span);
    }

    [Theory]
    [InlineData("DEFAULT", "id,Absent")]
    [InlineData("FULL", "id,Present")]
    public async Task A_change_of_the_key_is_a_delete_followed_by_an_insert(string identity, string before)
    {
        var table = Database.Unique("moves");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, note text); ALTER TABLE {table} REPLICA IDENTITY {identity}");
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'n')");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"BEGIN; UPDATE {table} SET id = 2; UPDATE {table} SET note = 'm'; COMMIT");
        var (events, watermark) = await reading.NextTransactionAsync();

        Assert.Equal([ChangeKind.Delete, ChangeKind.Insert, ChangeKind.Update], events.Select(e => e.Kind));
        Assert.Equal(["1", "2", "2"], events.Select(e => Encoding.ASCII.GetString(e.Key.Span)));
        Assert.Equal([1L, 2L, 3L], events.Select(e => e.Transaction!.Value.Index));
        Assert.Equal(before, $"id,{events[0].Before!.Value.GetState(1)}");
        Assert.Null(events[0].After);
        Assert.Null(events[1].Before);
        Assert.Equal("n", events[1].After?.GetString("note"));
        Assert.Equal(identity == "FULL", events[2].Before is not null);
        Assert.Equal(events[2].Position, watermark.Position);
    }

    [Fact]
    public async Task A_long_key_that_an_update_leaves_alone_stays_complete()
    {
        // A key stored outside the row is not sent again; the old tuple has it.
        var table = Database.Unique("longkeys");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id text PRIMARY KEY, pad text, n int); ALTER TABLE {table} ALTER id SET STORAGE EXTERNAL, ALTER pad SET STORAGE PLAIN");
        var id = new string('k', 2_400);
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES ('{id}', repeat('p', 1800), 1)");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"UPDATE {table} SET n = 2");
        var change = await reading.NextEventAsync();

        Assert.Equal(ChangeKind.Update, change.Kind);
        Assert.Equal(id, change.After?.GetString("id"));
        Assert.Equal(id, Encoding.ASCII.GetString(change.Key.Span));
    }

    [Fact]
    public async Task Truncating_several_tables_gives_one_event_for_each_configured_one()
    {
        var (a, b, c, publication) = (Database.Unique("cut"), Database.Unique("cut"), Database.Unique("cut"), Database.Unique("publication"));
        await _database.ExecuteAsync($"""
            CREATE TABLE {a} (id int PRIMARY KEY); CREATE TABLE {b} (id int PRIMARY KEY); CREATE TABLE {c} (id int PRIMARY KEY);
            CREATE PUBLICATION {publication} FOR TABLE {a}, {b}, {c};
            """);
        await using var setup = new Setup(_database, $"public.{a}", $"public.{c}") { Publication = publication };
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"TRUNCATE {a}, {b}, {c}");
        var (events, watermark) = await reading.NextTransactionAsync();

        Assert.Equal([$"public.{a}", $"public.{c}"], events.Select(e => e.Subject));
        Assert.All(events, e => Assert.Equal(ChangeKind.Truncate, e.Kind));
        Assert.All(events, e => Assert.True(e.Key.IsEmpty && e.Before is null && e.After is null));
        Assert.Equal([1L, 3L], events.Select(e => e.Transaction!.Value.Index));
        Assert.Equal(events[1].Position, watermark.Position);
    }

    [Fact]
    public async Task Rows_of_a_partitioned_table_arrive_under_its_own_name()
    {
        var table = Database.Unique("parts");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE {table}_low PARTITION OF {table} FOR VALUES FROM (0) TO (10)");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        var change = await reading.NextEventAsync();

        Assert.Equal($"public.{table}", change.Subject);
        Assert.Equal("1"u8, change.Key.Span);
    }
}
