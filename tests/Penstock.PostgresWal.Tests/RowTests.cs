using System.Text.Json.Nodes;
using Npgsql;

namespace Penstock.PostgresWal.Tests;

public sealed class RowTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Theory]
    [InlineData("DEFAULT")]
    [InlineData("FULL")]
    [InlineData("USING INDEX {0}_pkey")]
    [Trait("Scenario", "PG20")]
    public async Task An_unchanged_toast_value_is_told_apart_from_null_and_from_its_value(string identity)
    {
        var table = Database.Unique("toast");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, big text, n int); ALTER TABLE {table} ALTER big SET STORAGE EXTERNAL, REPLICA IDENTITY {string.Format(identity, table)}");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, repeat('x', 100000), 1)");
        await _database.ExecuteAsync($"UPDATE {table} SET n = NULL");
        await _database.ExecuteAsync($"UPDATE {table} SET big = NULL");
        await _database.ExecuteAsync($"UPDATE {table} SET big = ''");
        var events = await reading.NextEventsAsync(4);

        Assert.Equal(100_000, events[0].After!.Value[1].Length);
        Assert.Equal([FieldState.Present, FieldState.Unchanged, FieldState.Null], States(events[1].After));
        Assert.Equal([FieldState.Present, FieldState.Null, FieldState.Null], States(events[2].After));
        Assert.Equal([FieldState.Present, FieldState.Present, FieldState.Null], States(events[3].After));
        Assert.Equal("", events[3].After?.GetString("big"));
        Assert.Equal(["big"], NativeJson.Of(events[1])["unchanged"]!.AsArray().Select(name => (string?)name));

        // A target that leaves what is unchanged alone still has it.
        Assert.Equal(new string('x', 100_000), (events[1].After!.Value.GetState(1) == FieldState.Unchanged ? events[0] : events[1]).After?.GetString("big"));
        Assert.Equal(identity == "FULL" ? 100_000 : null, events[1].Before?.GetString("big")?.Length);
    }

    [Fact]
    public async Task Values_become_the_JSON_their_types_promise()
    {
        var table = Database.Unique("kinds");
        await _database.ExecuteAsync($"""
            CREATE TABLE {table} (id bigint PRIMARY KEY, i2 int2, b bool, f8 float8, nan float4, num numeric, m money, j json, jb jsonb, nothing jsonb,
                ts timestamp, tz timestamptz, forever timestamptz, d date, iv interval, by bytea, u uuid, a int[], "ünï ""code" text, empty text)
            """);
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($$"""
            INSERT INTO {{table}} VALUES (9223372036854775807, -7, true, 0.1, 'NaN', 1234567890.123456789012345678, 12.5, '{ "a" :  [1,
             2] }', '{"k": "v w"}', NULL,
                '2026-11-20 21:14:00.5', '2026-11-20 22:14:00.123456+01', 'infinity', '2026-11-20', '1 day 02:00', '\x00ff10', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{1,NULL}', 'grüße', '')
            """);
        var json = NativeJson.Of(await reading.NextEventAsync());

        var expected = JsonNode.Parse("""
            {"id":9223372036854775807,"i2":-7,"b":true,"f8":0.1,"nan":"NaN","num":"1234567890.123456789012345678","m":"$12.50","j":{"a":[1,2]},"jb":{"k":"v w"},"nothing":null,
             "ts":"2026-11-20T21:14:00.500000","tz":"2026-11-20T21:14:00.123456Z","forever":"infinity","d":"2026-11-20","iv":"P1DT2H","by":"AP8Q",
             "u":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","a":"{1,NULL}","ünï \"code":"grüße","empty":""}
            """);
        Assert.Equal(expected!.ToJsonString(), json["after"]!.ToJsonString());
        Assert.Equal("""{"id":9223372036854775807}""", json["key"]!.ToJsonString());
        Assert.Equal("""["nothing"]""", json["nulls"]!.ToJsonString());
        Assert.Equal("""["by"]""", json["base64"]!.ToJsonString());
        Assert.Matches("^tests/db:[0-9A-F]{8}/[0-9A-F]{8}/00000001$", (string?)json["id"]);
    }

    [Fact]
    public async Task Values_do_not_follow_the_settings_of_the_role_or_the_connection_string()
    {
        var (table, role) = (Database.Unique("pinned"), Database.Unique("odd_role"));
        await _database.ExecuteAsync($"""
            CREATE TABLE {table} (id int PRIMARY KEY, tz timestamptz, ts timestamp, iv interval, by bytea, f float8, t text);
            CREATE ROLE {role} LOGIN SUPERUSER PASSWORD 'odd';
            ALTER ROLE {role} SET timezone = 'Asia/Tokyo'; ALTER ROLE {role} SET datestyle = 'German'; ALTER ROLE {role} SET intervalstyle = 'postgres_verbose';
            ALTER ROLE {role} SET bytea_output = 'escape'; ALTER ROLE {role} SET extra_float_digits = -5; ALTER ROLE {role} SET client_encoding = 'LATIN1';
            """);
        var odd = new NpgsqlConnectionStringBuilder(_database.Server.ConnectionString)
        {
            Username = role,
            Password = "odd",
            Timezone = "America/New_York",
            Options = "-c DateStyle=SQL -c extra_float_digits=0",
        }.ConnectionString;
        await using var setup = new Setup(_database, $"public.{table}") { ConnectionString = odd };
        var reading = await setup.StartAsync();

        var insert = $"INSERT INTO {table} VALUES (1, '2026-11-20 21:14:00+00', '2026-11-20 21:14:00', '1 day', '\\xc3bc', 0.30000000000000004, 'ü')";
        await _database.ExecuteAsync(insert);
        var row = (await reading.NextEventAsync()).After!.Value;

        Assert.Equal(
            ["1", "2026-11-20 21:14:00+00", "2026-11-20 21:14:00", "P1D", "\\xc3bc", "0.30000000000000004", "ü"],
            ((string[])["id", "tz", "ts", "iv", "by", "f", "t"]).Select(row.GetString));

        // The same role without the pins shows that they matter.
        await using var plain = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_database.Server.ConnectionString) { Username = role, Password = "odd" }.ConnectionString);
        await plain.OpenAsync(TestContext.Current.CancellationToken);
        await using var text = new NpgsqlCommand($"SELECT concat_ws('|', tz, ts, iv, by, f) FROM {table}", plain);
        Assert.Equal("21.11.2026 06:14:00 JST|20.11.2026 21:14:00|@ 1 day|\\303\\274|0.3", await text.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Rows_of_a_changed_table_carry_the_shape_of_their_time()
    {
        var table = Database.Unique("shapes");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, a int)");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1), (2, 2)");
        await _database.ExecuteAsync($"ALTER TABLE {table} ADD b text DEFAULT 'x'; ANALYZE {table}");
        await _database.ExecuteAsync($"BEGIN; INSERT INTO {table} VALUES (3, 3); ALTER TABLE {table} DROP a; INSERT INTO {table} VALUES (4); COMMIT");
        var rows = (await reading.NextEventsAsync(4)).Select(e => e.After!.Value).ToArray();

        Assert.Same(rows[0].Schema, rows[1].Schema);
        Assert.Equal(["id", "a"], Names(rows[0].Schema));
        Assert.Equal(["id", "a", "b"], Names(rows[2].Schema));
        Assert.Equal(["id", "b"], Names(rows[3].Schema));
    }

    static IEnumerable<string> Names(RowSchema schema) => Enumerable.Range(0, schema.Count).Select(i => schema[i].Name);

    static IEnumerable<FieldState> States(Row? row) => Enumerable.Range(0, row!.Value.Count).Select(i => row.Value.GetState(i));
}
