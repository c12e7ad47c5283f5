using System.Globalization;
using System.Text;
using Penstock.Sources.PostgresWal;

namespace Penstock.PostgresWal.Tests;

public sealed class DecoderTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Theory]
    [InlineData(
        "DEFAULT",
        "BRIUUUDC",
        "Insert 1 null [1 a NULL '']",
        "Update 1 null [1 a x '']",
        "Update 1 null [1 b x '']",
        "Delete 1 [1 - - -] null",
        "Insert 2 null [2 b NULL NULL]",
        "Delete 2 [2 - - -] null")]
    [InlineData(
        "FULL",
        "BRIUUUDC",
        "Insert 1 null [1 a NULL '']",
        "Update 1 [1 a NULL ''] [1 a x '']",
        "Update 1 [1 a x ''] [1 b x '']",
        "Delete 1 [1 b x ''] null",
        "Insert 2 null [2 b NULL NULL]",
        "Delete 2 [2 b NULL NULL] null")]
    [InlineData(
        "USING INDEX {0}_code_key",
        "BRIUUUDC",
        "Insert a null [1 a NULL '']",
        "Update a null [1 a x '']",
        "Delete a [- a - -] null",
        "Insert b null [1 b x '']",
        "Update b null [2 b NULL NULL]",
        "Delete b [- b - -] null")]
    public async Task Every_change_is_what_was_written_under_each_identity(string identity, string kinds, params string[] expected)
    {
        var table = Database.Unique("each");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, code text NOT NULL UNIQUE, note text, n text)");
        await _database.ExecuteAsync($"ALTER TABLE {table} REPLICA IDENTITY {string.Format(identity, table)}");

        var recording = await Recording.MakeAsync(
            _database,
            table,
            $"""
            BEGIN; INSERT INTO {table} VALUES (1, 'a', NULL, ''); UPDATE {table} SET note = 'x'; UPDATE {table} SET code = 'b';
            UPDATE {table} SET id = 2, note = NULL, n = NULL; DELETE FROM {table}; COMMIT
            """);
        var decoded = await recording.DecodeAsync(_database, $"public.{table}");

        Assert.Equal(kinds, string.Concat(recording.Messages.Select(message => message.Kind)));
        Assert.Equal(expected, decoded.OfType<ChangeEvent>().Select(Describe));
        Assert.Equal(expected.Length, (int)(uint)(Assert.IsType<Watermark>(decoded[^1]).Position.Order >> 32));
    }

    [Theory]
    [InlineData("DEFAULT", "Update 1 null [1 ~ 2]")]
    [InlineData("FULL", "Update 1 [1 12000*y 1] [1 ~ 2]")]
    public async Task A_large_value_that_did_not_change_is_unchanged(string identity, string expected)
    {
        var table = Database.Unique("each");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, big text, n int); ALTER TABLE {table} ALTER big SET STORAGE EXTERNAL, REPLICA IDENTITY {identity}");

        var recording = await Recording.MakeAsync(_database, table, $"INSERT INTO {table} VALUES (1, repeat('y', 12000), 1)", $"UPDATE {table} SET n = 2");
        var decoded = await recording.DecodeAsync(_database, $"public.{table}");

        Assert.Equal(["Insert 1 null [1 12000*y 1]", expected], decoded.OfType<ChangeEvent>().Select(Describe));
    }

    [Fact]
    public async Task Transactions_carry_the_commit_s_exact_time_its_number_and_its_end()
    {
        var table = await CreateTableAsync();

        var recording = await Recording.MakeAsync(_database, table, $"INSERT INTO {table} VALUES (7)");
        var decoded = await recording.DecodeAsync(_database, $"public.{table}");

        var change = Assert.IsType<ChangeEvent>(decoded[0]);
        var xmin = await _database.ScalarAsync<uint>($"SELECT xmin FROM {table}");
        Assert.Equal($"{xmin}", change.Transaction!.Value.Id);

        // As the server itself tells the time, and as it says where the commit ends.
        var committed = await _database.ScalarAsync<DateTime>($"SELECT pg_xact_commit_timestamp(xmin) FROM {table}");
        Assert.Equal(committed, change.OccurredAt!.Value.UtcDateTime);
        Assert.Equal(recording.Messages[^1].Lsn, Lsn.OfState(Assert.IsType<Watermark>(decoded[^1])));
    }

    [Fact]
    public async Task A_truncate_of_several_tables_numbers_each()
    {
        var (a, b, c) = (await CreateTableAsync(), await CreateTableAsync(), await CreateTableAsync());

        var recording = await Recording.MakeAsync(_database, $"{a}, {b}, {c}", $"TRUNCATE {a}, {b}, {c} RESTART IDENTITY CASCADE");
        var decoded = await recording.DecodeAsync(_database, $"public.{a}", $"public.{c}");

        Assert.Equal("BRRRTC", string.Concat(recording.Messages.Select(message => message.Kind)));
        Assert.Equal(
            [($"public.{a}", 1L), ($"public.{c}", 3L)],
            decoded.OfType<ChangeEvent>().Select(change => (change.Subject, change.Transaction!.Value.Index)));
    }

    [Fact]
    public async Task A_row_of_as_many_columns_as_a_table_can_have_and_of_values_beyond_every_buffer_arrives_whole()
    {
        const int columns = 1600;
        var (wide, deep) = (Database.Unique("wide"), Database.Unique("deep"));
        await _database.ExecuteAsync($"CREATE TABLE {wide} ({string.Join(", ", Enumerable.Range(1, columns).Select(i => $"c{i} int"))})");
        await _database.ExecuteAsync($"CREATE TABLE {deep} (id int PRIMARY KEY, a text, b text)");

        var recording = await Recording.MakeAsync(
            _database,
            $"{wide}, {deep}",
            $"INSERT INTO {wide} VALUES ({string.Join(", ", Enumerable.Range(1, columns))})",
            $"INSERT INTO {deep} VALUES (1, repeat('a', 3000000), repeat('b', 70000))");
        var rows = (await recording.DecodeAsync(_database, $"public.{wide}", $"public.{deep}")).OfType<ChangeEvent>().Select(change => change.After!.Value).ToArray();

        Assert.Equal(Enumerable.Range(1, columns).Select(i => $"{i}"), Enumerable.Range(0, columns).Select(i => Encoding.ASCII.GetString(rows[0][i])));
        Assert.Equal("1 3000000*a 70000*b", Values(rows[1]));
    }

    [Fact]
    public async Task Where_a_change_was_first_made_and_the_names_of_types_say_nothing()
    {
        var (table, type) = (Database.Unique("each"), Database.Unique("mood"));
        await _database.ExecuteAsync($"CREATE TYPE {type} AS ENUM ('sad'); CREATE TABLE {table} (id int PRIMARY KEY, m {type})");
        await _database.ExecuteAsync($"SELECT pg_replication_origin_create('{type}')");

        var recording = await Recording.MakeAsync(_database, table, $"SELECT pg_replication_origin_session_setup('{type}')", $"INSERT INTO {table} VALUES (1, 'sad')");
        var decoded = await recording.DecodeAsync(_database, $"public.{table}");

        Assert.Equal("BOYRIC", string.Concat(recording.Messages.Select(message => message.Kind)));
        Assert.Equal(["Insert 1 null [1 sad]"], decoded.OfType<ChangeEvent>().Select(Describe));
    }

    [Fact]
    public async Task Changes_replayed_give_the_table_and_a_wrong_byte_would_be_seen()
    {
        var table = Database.Unique("each");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, a text, b numeric, c timestamptz)");
        var random = new Random(20_261_121);
        string[] statements = [.. Enumerable.Range(0, 300).Select(i => random.Next(4) switch
        {
            0 => $"DELETE FROM {table} WHERE id = {random.Next(40)}",
            1 => $"UPDATE {table} SET id = id + 100, a = NULL WHERE id = {random.Next(40)}",
            2 => $"UPDATE {table} SET a = repeat('{i} ', {random.Next(20)}), c = now() WHERE id % 7 = {random.Next(7)}",
            _ => $"INSERT INTO {table} VALUES ({random.Next(40)}, 'ünï{i}', {random.Next()}.{random.Next()}, '2026-11-20 21:14:00.{i}') ON CONFLICT DO NOTHING",
        })];

        statements = [.. statements, $"INSERT INTO {table} VALUES (1000, 'z', 1, '2026-11-20 21:14:00')"];

        // A change of key may meet a row that is there already.
        var recording = await Recording.MakeAsync(_database, table, [.. statements.Select(statement => $"DO $$ BEGIN {statement}; EXCEPTION WHEN unique_violation THEN END $$")]);
        var rows = await _database.ScalarAsync<string[]>($"SELECT array_agg(concat_ws('|', id, coalesce(a, 'NULL'), b, c) ORDER BY id) FROM {table}");
        Assert.InRange(rows.Length, 10, 100);
        Assert.Equal(rows, Replay(await recording.DecodeAsync(_database, $"public.{table}")));

        // The last row is in the table; its last byte is not what it was.
        var last = recording.Messages.Last(message => message.Kind == 'I');
        last.Bytes[^1] ^= 1;
        Assert.NotEqual(rows, Replay(await recording.DecodeAsync(_database, $"public.{table}")));
    }

    static string[] Replay(IEnumerable<SourceMessage> decoded)
    {
        var rows = new SortedDictionary<int, string>();
        foreach (var change in decoded.OfType<ChangeEvent>())
        {
            var key = int.Parse(Encoding.ASCII.GetString(change.Key.Span), CultureInfo.InvariantCulture);
            if (change.After is { } row)
            {
                rows[key] = string.Join('|', Enumerable.Range(0, row.Count).Select(i => row.GetState(i) == FieldState.Null ? "NULL" : Encoding.UTF8.GetString(row[i])));
            }
            else
            {
                Assert.True(rows.Remove(key));
            }
        }

        return [.. rows.Values];
    }

    static string Describe(ChangeEvent change) =>
        $"{change.Kind} {Encoding.UTF8.GetString(change.Key.Span)} {Values(change.Before, "null")} {Values(change.After, "null")}";

    static string Values(Row? row, string none) => row is { } present ? $"[{Values(present)}]" : none;

    static string Values(Row row) => string.Join(' ', Enumerable.Range(0, row.Count).Select(i => row.GetState(i) switch
    {
        FieldState.Null => "NULL",
        FieldState.Unchanged => "~",
        FieldState.Absent => "-",
        _ => Encoding.UTF8.GetString(row[i]) is var text && text.Length > 100 ? $"{text.Length}*{text.Distinct().Single()}" : text.Length == 0 ? "''" : text,
    }));

    async Task<string> CreateTableAsync()
    {
        var table = Database.Unique("each");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }
}
