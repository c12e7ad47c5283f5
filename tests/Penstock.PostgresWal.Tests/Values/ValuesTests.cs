using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Penstock.PostgresWal.Tests.Values;

/// <summary>Every type that a column can have, through the WAL to JSON, and from there back into a table.</summary>
[Trait("Scenario", "PG29")]
public sealed class ValuesTests(PostgresFixture fixture)
{
    // Types that no value can be given to: the server makes them itself.
    const string NotForColumns = "gtsvector, pg_brin_bloom_summary, pg_brin_minmax_multi_summary, pg_dependencies, pg_mcv_list, pg_ndistinct, pg_node_tree";

    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task There_is_a_sample_of_every_type_the_server_has()
    {
        var types = await _database.ScalarAsync<string[]>($"""
            SELECT array_agg(typname::text) FROM pg_type
            WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm') AND (typcategory <> 'A' OR typname IN ('oidvector', 'int2vector'))
              AND NOT typname = ANY (string_to_array('{NotForColumns}', ', '))
            """);

        Assert.Equal(types.Order(StringComparer.Ordinal), TypeSamples.All.Select(sample => sample.Type.Trim('"')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public Task Every_value_goes_to_JSON_and_back_equal() =>
        RoundTripAsync([.. TypeSamples.All.Select(sample => (sample.Type, sample.Literals))]);

    [Fact]
    public Task Every_array_goes_to_JSON_and_back_equal() => RoundTripAsync(
    [
        .. TypeSamples.All.Where(sample => sample.Type is not ("oidvector" or "int2vector")).Select(sample => ($"{sample.Type}[]", new[]
        {
            $"{{{string.Join(DelimiterOf(sample.Type), sample.Literals.Select(Element))}}}",
            "{}",
            "{NULL}",
            $"{{{{NULL{DelimiterOf(sample.Type)}{Element(sample.Literals[0])}}}{DelimiterOf(sample.Type)}{{{Element(sample.Literals[0])}{DelimiterOf(sample.Type)}NULL}}}}",
            $"[-1:0]={{{Element(sample.Literals[0])}{DelimiterOf(sample.Type)}{Element(sample.Literals[^1])}}}",
        })),
    ]);

    [Fact]
    public async Task Enums_domains_and_composites_go_to_JSON_and_back_equal()
    {
        var (mood, positive, pair, vector) = (Database.Unique("mood"), Database.Unique("positive"), Database.Unique("pair"), Database.Unique("vector"));
        await _database.ExecuteAsync($"""
            CREATE TYPE {mood} AS ENUM ('ok', 'so ''so''', 'grüße');
            CREATE DOMAIN {positive} AS int CHECK (VALUE > 0);
            CREATE DOMAIN {vector} AS int[] CHECK (array_length(VALUE, 1) = 2);
            CREATE TYPE {pair} AS (a int, "b c" text, m {mood}, d {positive}[]);
            """);

        await RoundTripAsync(
        [
            (mood, ["ok", "so 'so'", "grüße"]),
            ($"{mood}[]", ["{ok,\"so 'so'\",NULL}"]),
            (positive, ["42"]),
            (vector, ["{1,2}"]),
            (pair, ["(1,\"a \"\"b\"\", \\\\ (c)\",\"so 'so'\",\"{1,2}\")", "(,,,)", "(1,,,{})"]),
            ($"{pair}[]", ["{\"(1,\\\"x,y\\\",ok,)\",NULL}"]),
        ]);
    }

    [Fact]
    public async Task A_label_that_is_added_to_an_enum_while_reading_arrives()
    {
        var (mood, table) = (Database.Unique("mood"), Database.Unique("moods"));
        await _database.ExecuteAsync($"CREATE TYPE {mood} AS ENUM ('ok'); CREATE TABLE {table} (id int PRIMARY KEY, v {mood})");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'ok')");
        await _database.ExecuteAsync($"ALTER TYPE {mood} ADD VALUE 'new'");
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2, 'new')");

        Assert.Equal(["ok", "new"], (await reading.NextEventsAsync(2)).Select(change => change.After?.GetString("v")));
    }

    [Fact]
    public async Task A_hundred_megabytes_in_one_value_arrive_byte_for_byte()
    {
        const int size = 100_000_000;
        var table = Database.Unique("huge");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, v bytea); ALTER TABLE {table} ALTER v SET STORAGE EXTERNAL");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, decode(repeat('00c3ff7f', {size / 4}), 'hex'))");
        var value = (await reading.NextEventAsync()).After!.Value[1];

        Assert.Equal(2 + (2 * size), value.Length);
        Assert.True(value.StartsWith("\\x"u8));
        Assert.Equal(-1, FirstDifference(value[2..], "00c3ff7f"u8));
    }

    [Fact]
    public async Task Names_of_tables_carry_their_schema_whatever_the_search_path_is()
    {
        var table = Database.Unique("names");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, v regclass)");
        var elsewhere = new NpgsqlConnectionStringBuilder(_database.Server.ConnectionString) { SearchPath = "public" }.ConnectionString;
        await using var setup = new Setup(_database, $"public.{table}") { ConnectionString = elsewhere };
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, '{table}'::regclass)");

        Assert.Equal($"public.{table}", (await reading.NextEventAsync()).After?.GetString("v"));
    }

    [Fact]
    public async Task The_documentation_shows_every_type_as_it_is_written()
    {
        var table = Database.Unique("documented");
        var definitions = string.Join(", ", TypeSamples.All.Select((sample, i) => $"c{i} {sample.Type}"));
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, {definitions})");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await InsertAsync(table, [.. TypeSamples.All], 1, i => TypeSamples.All[i].Literals[0]);

        using var json = JsonDocument.Parse(NativeJson.Text(await reading.NextEventAsync()));
        var after = json.RootElement.GetProperty("after");
        var document = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "postgres-types.md"), TestContext.Current.CancellationToken);
        var expected = TypeSamples.All.Select(
            (sample, i) => $"| `{sample.Type.Trim('"')}` | `{sample.Literals[0]}` | `{after.GetProperty($"c{i}").GetRawText()}` |");

        var missing = string.Join('\n', expected.Where(line => !document.Contains(line, StringComparison.Ordinal)));
        Assert.True(missing.Length == 0, $"docs/postgres-types.md lacks:\n{missing}");
    }

    static int FirstDifference(ReadOnlySpan<byte> value, ReadOnlySpan<byte> pattern)
    {
        for (var i = 0; i < value.Length; i += pattern.Length)
        {
            if (!value.Slice(i, pattern.Length).SequenceEqual(pattern))
            {
                return i;
            }
        }

        return -1;
    }

    static char DelimiterOf(string type) => type == "box" ? ';' : ',';

    static string Element(string literal) => $"\"{literal.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    async Task RoundTripAsync((string Type, string[] Literals)[] types)
    {
        var (table, copy) = (Database.Unique("values"), Database.Unique("copies"));
        string[] columns = [.. types.Select((type, i) => $"{type.Type.Replace("\"", "", StringComparison.Ordinal).Replace("[]", "_array", StringComparison.Ordinal)}_{i}")];
        var definitions = string.Join(", ", types.Select((type, i) => $"{columns[i]} {type.Type}"));
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, {definitions}); CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        // One row more than the longest list: all NULL.
        var rows = types.Max(type => type.Literals.Length) + 1;
        for (var row = 0; row < rows; row++)
        {
            await InsertAsync(table, types, row, i => types[i].Literals.ElementAtOrDefault(row));
        }

        foreach (var (row, change) in (await reading.NextEventsAsync(rows)).Index())
        {
            var text = NativeJson.Text(change);
            Assert.Equal(text, NativeJson.Again(text));
            using var json = JsonDocument.Parse(text);
            await InsertAsync(copy, types, row, i => JsonToSql.Text(json.RootElement, columns[i], types[i].Type));
        }

        // Not every type has an equality; the text of a whole row has.
        var differences = await DifferencesAsync(table, copy, columns);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Equal((long)rows, await _database.ScalarAsync<long>($"SELECT count(*) FROM {table} a JOIN {copy} b USING (id) WHERE a::text = b::text"));

        // What is compared can differ.
        await _database.ExecuteAsync($"UPDATE {copy} SET {columns[0]} = NULL WHERE id = 0");
        Assert.Single(await DifferencesAsync(table, copy, columns));
    }

    // Of no declared type, so that the type's own input function reads it, as it would a literal.
    async Task InsertAsync(string table, (string Type, string[] Literals)[] types, int id, Func<int, string?> text)
    {
        await using var connection = await _database.ConnectAsync();
        var values = string.Join(", ", types.Select((type, i) => $"${i + 1}::{type.Type}"));
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand($"INSERT INTO {table} VALUES ({id}, {values})", connection);
#pragma warning restore CA2100
        for (var i = 0; i < types.Length; i++)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)text(i) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown });
        }

        await command.ExecuteNonQueryAsync();
    }

    async Task<List<string>> DifferencesAsync(string table, string copy, string[] columns)
    {
        var differences = new List<string>();
        var query = string.Join(
            " UNION ALL ",
            columns.Select(column => $"SELECT '{column}', a.id, a.{column}::text, b.{column}::text FROM {table} a LEFT JOIN {copy} b USING (id) WHERE a.{column}::text IS DISTINCT FROM b.{column}::text"));
        await using var connection = await _database.ConnectAsync();
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(query, connection);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            differences.Add($"{reader[0]}, row {reader[1]}: {reader[2]} became {reader[3]}");
        }

        return differences;
    }
}
