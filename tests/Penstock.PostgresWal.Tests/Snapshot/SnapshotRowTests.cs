using Npgsql;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class SnapshotRowTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    [Trait("Scenario", "PG32")]
    public async Task A_row_that_was_read_equals_the_row_that_is_streamed()
    {
        var table = Database.Unique("every_type");
        await _database.ExecuteAsync($$"""
            CREATE TYPE mood_{{table}} AS ENUM ('sad', 'o k'); CREATE DOMAIN positive_{{table}} AS int CHECK (VALUE > 0); CREATE TYPE pair_{{table}} AS (a int, b text);
            CREATE TABLE {{table}} (id bigint PRIMARY KEY, i2 int2, b bool, f4 float4, f8 float8, n numeric, m money, t text, v varchar(20), c char(5), nm name, j json, jb jsonb,
                ts timestamp, tz timestamptz, d date, tm time, ttz timetz, iv interval, by bytea, u uuid, i inet, mac macaddr, bits bit(3), p point, x xml, ts_v tsvector,
                a int[], ta text[], r int4range, mr nummultirange, e mood_{{table}}, dom positive_{{table}}, pr pair_{{table}}, "odd ""name" text, o oid, ch "char",
                g int GENERATED ALWAYS AS (id * 2) STORED, gone int);
            ALTER TABLE {{table}} DROP gone;
            INSERT INTO {{table}} VALUES
                (1, -7, true, 0.1, 'NaN', 1234567890.123456789012345678, 12.5, E'tab\there\nnew\\line\r\b\f\v \\N', 'ünï', 'ab', 'nm', '{ "a" :  [1,
                 2] }', '{"k": "v\tw"}', '2026-11-20 21:14:00.5', '2026-11-20 22:14:00.123456+01', '0044-03-15 BC', '24:00', '12:00+05', '1 day 02:00', '\x00ff5c0a10',
                 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.1', '08:00:2b:01:02:03', B'101', '(1,2)', '<a>x</a>', 'a b', '{1,NULL,3}', '{"a,b","c\"d",NULL,"\\"}', '[1,5)', '{[1,2)}',
                 'o k', 5, '(1,"x,y")', 'odd', 77, 'q'),
                (2, NULL, false, 'Infinity', -0.0, 'NaN', -1, '', '', '', '', '[]', 'null', 'infinity', '-infinity', 'infinity', '00:00', NULL, '-1 mon +3 days', '\x', NULL, '::1/64', NULL,
                 B'000', NULL, NULL, '', '{}', '{}', 'empty', '{}', 'sad', NULL, '(,)', '\N', 0, '');
            INSERT INTO {{table}} (id, t) VALUES (3, '\N'), (4, E'\\'), (5, repeat(E'x\\y', 100000))
            """);
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        await using var copy = new Copy(setup.NewSource(), []);
        await copy.IsDoneAsync($"public.{table}");
        await _database.ExecuteAsync($"UPDATE {table} SET t = t || ''");
        var columns = await _database.ScalarAsync<long>($"SELECT count(*) FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''");
        await Eventually.HoldsAsync(() => copy.Events.Count(change => change.Kind == ChangeKind.Update) == 5, "the rows are streamed");

        var read = copy.Events.Where(change => change.Kind == ChangeKind.Snapshot).ToDictionary(change => Convert.ToHexString(change.Key.Span));
        var streamed = copy.Events.Where(change => change.Kind == ChangeKind.Update).ToDictionary(change => Convert.ToHexString(change.Key.Span));
        Assert.Equal(5, read.Count);
        foreach (var (key, change) in streamed)
        {
            var (then, now) = (change.After!.Value, read[key].After!.Value);
            Assert.Equal(columns, now.Count);
            Assert.Equal(then.Count, now.Count);
            Assert.Equal(change.Subject, read[key].Subject);
            for (var i = 0; i < now.Count; i++)
            {
                Assert.Equal((then.Schema[i].Name, then.Schema[i].Type, then.Schema[i].IsKey), (now.Schema[i].Name, now.Schema[i].Type, now.Schema[i].IsKey));
                Assert.Equal(then.GetState(i), now.GetState(i));
                Assert.Equal(Convert.ToHexString(then[i]), Convert.ToHexString(now[i]));
            }
        }
    }

    [Theory]
    [InlineData("id int, PRIMARY KEY (id)", "SELECT n FROM generate_series(-700, 700) n")]
    [InlineData("a int, id text, c text COLLATE \"C\", PRIMARY KEY (c, a, id)", "SELECT n % 7, 'x' || n, CASE WHEN n % 10 = 0 THEN 'a''b' WHEN n % 2 = 1 THEN E'a\\\\b' ELSE E'line\\n\\ttab' END FROM generate_series(1, 1500) n")]
    [InlineData("id text COLLATE \"und-x-icu\", PRIMARY KEY (id)", "SELECT chr(1 + n % 254) || CASE WHEN n % 2 = 0 THEN 'é' ELSE 'E' END || n FROM generate_series(1, 1500) n")]
    [InlineData("id varchar(12), v int, PRIMARY KEY (id)", "SELECT CASE n WHEN 1 THEN '' ELSE 'Ä' || n END, n FROM generate_series(1, 1500) n")]
    [InlineData("id char(6), PRIMARY KEY (id)", "SELECT n::text FROM generate_series(1, 1500) n")]
    [InlineData("id numeric, PRIMARY KEY (id)", "SELECT CASE n WHEN 7 THEN 'NaN' WHEN 8 THEN 'Infinity' ELSE n / 3.0 END FROM generate_series(1, 1500) n")]
    [InlineData("id timestamptz, PRIMARY KEY (id)", "SELECT '2026-01-01'::timestamptz + n * interval '1 hour 1 microsecond' FROM generate_series(1, 1500) n")]
    [InlineData("id uuid, f float8, PRIMARY KEY (f, id)", "SELECT md5(n::text)::uuid, n / 7.0 FROM generate_series(1, 1500) n")]
    [InlineData("id bytea, b bool, PRIMARY KEY (b, id)", "SELECT decode(md5(n::text), 'hex'), n % 2 = 0 FROM generate_series(1, 1500) n")]
    public async Task Tables_are_read_whole_whatever_their_keys_are(string columns, string rows)
    {
        var table = Database.Unique("keys");
        await _database.ExecuteAsync($"CREATE TABLE {table} ({columns}); INSERT INTO {table} {rows}");
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        await using var copy = new Copy(setup.NewSource(), []);
        await copy.IsDoneAsync($"public.{table}");

        Assert.Equal(await RowsAsync(table), copy.Rows($"public.{table}"));
        Assert.Equal(copy.Rows($"public.{table}").Count, copy.Events.Count());
        Assert.True(copy.Messages.OfType<Watermark>().Count(watermark => watermark.Position.Partition.StartsWith("snapshot:", StringComparison.Ordinal)) >= 3, "it was read in pieces");
        Assert.True(copy.Events.Zip(copy.Events.Skip(1)).All(two => two.First.Position.Order < two.Second.Position.Order));
    }

    [Fact]
    public async Task What_the_publication_leaves_out_is_not_read()
    {
        await _database.SkipWithoutListsAsync();
        var (table, publication) = (Database.Unique("part_of"), Database.Unique("publication"));
        await _database.ExecuteAsync($"""
            CREATE TABLE {table} (secret text, id int PRIMARY KEY, kind text, v int); INSERT INTO {table} SELECT 's', n, CASE WHEN n % 2 = 0 THEN 'even' ELSE 'odd' END, n FROM generate_series(1, 1000) n;
            CREATE TABLE {table}_child () INHERITS ({table}); INSERT INTO {table}_child VALUES ('s', 5000, 'even', 1);
            CREATE PUBLICATION {publication} FOR TABLE ONLY {table} (id, v, kind) WHERE (kind = 'even' AND id > 10) WITH (publish = 'insert')
            """);
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial, Publication = publication };
        await using var copy = new Copy(setup.NewSource(), []);
        await copy.IsDoneAsync($"public.{table}");

        Assert.Equal(await _database.ScalarAsync<string[]>($"SELECT array_agg(concat_ws('|', id, kind, v) ORDER BY concat_ws('|', id, kind, v)) FROM ONLY {table} WHERE kind = 'even' AND id > 10"), copy.Rows($"public.{table}"));
    }

    // As citext: where text would be ordered otherwise, rows would be passed over.
    [Fact]
    public async Task A_key_of_a_type_with_operators_of_its_own_is_read_in_its_order()
    {
        var (table, schema) = (Database.Unique("folded"), Database.Unique("types"));
        await _database.ExecuteAsync($"""
            CREATE SCHEMA {schema}; CREATE EXTENSION citext SCHEMA {schema};
            CREATE TABLE {table} (k {schema}.citext COLLATE "C" PRIMARY KEY, v int);
            INSERT INTO {table} SELECT CASE n % 2 WHEN 0 THEN 'a' ELSE 'B' END || n, n FROM generate_series(1, 2000) n; INSERT INTO {table} SELECT 'C' || n, n FROM generate_series(1, 2000) n
            """);
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        await using var copy = new Copy(setup.NewSource(), []);
        await copy.IsDoneAsync($"public.{table}");

        Assert.Equal(await RowsAsync(table), copy.Rows($"public.{table}"));
        await copy.StopAsync();
        await _database.ExecuteAsync($"DROP TABLE {table}; DROP EXTENSION citext");
    }

    [Fact]
    public async Task Several_tables_are_read_side_by_side_a_partitioned_one_under_its_own_name()
    {
        var table = Database.Unique("side");
        await _database.ExecuteAsync($"""
            CREATE TABLE {table}_a (id int PRIMARY KEY, v text); INSERT INTO {table}_a SELECT n, repeat('x', 100) FROM generate_series(1, 30000) n;
            CREATE TABLE {table}_empty (id int PRIMARY KEY);
            CREATE TABLE {table}_p (id int, v text, PRIMARY KEY (id)) PARTITION BY HASH (id);
            CREATE TABLE {table}_p0 PARTITION OF {table}_p FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE {table}_p1 PARTITION OF {table}_p FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            INSERT INTO {table}_p SELECT n, 'v' || n FROM generate_series(1, 20000) n
            """);
        string[] subjects = [$"public.{table}_a", $"public.{table}_p", $"public.{table}_empty"];
        await using var setup = new Setup(_database, subjects) { Snapshot = SnapshotMode.Initial, Readers = 2 };
        await using var copy = new Copy(setup.NewSource(), []);
        await copy.IsDoneAsync(subjects);

        Assert.Equal(await RowsAsync($"{table}_a"), copy.Rows(subjects[0]));
        Assert.Equal(await RowsAsync($"{table}_p"), copy.Rows(subjects[1]));
        Assert.Empty(copy.Rows(subjects[2]));
        var order = copy.Events.Select(change => change.Subject).ToList();
        Assert.True(order.IndexOf(subjects[1]) < order.LastIndexOf(subjects[0]), "one was read while the other was not at its end");
    }

    [Fact]
    public async Task A_table_without_a_key_is_read_by_its_blocks()
    {
        var table = Database.Unique("keyless");
        await _database.ExecuteAsync($"CREATE TABLE {table} (v int, t text); ALTER TABLE {table} REPLICA IDENTITY FULL; INSERT INTO {table} SELECT n, repeat('y', 500) FROM generate_series(1, 9000) n");
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        await using var copy = new Copy(setup.NewSource(), []);
        await copy.IsDoneAsync($"public.{table}");

        var values = copy.Events.Select(change => int.Parse(change.After!.Value.GetString("v")!, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Enumerable.Range(1, 9000), values.Order());
        Assert.All(copy.Events, change => Assert.True(change.Key.IsEmpty));
        Assert.True(copy.Messages.OfType<Watermark>().Count(watermark => watermark.Position.Partition.StartsWith("snapshot:", StringComparison.Ordinal)) >= 3, "it was read in pieces");
    }

    [Fact]
    public async Task Rights_that_are_missing_are_named_before_anything_is_created()
    {
        var (locked, hidden, role) = (Database.Unique("locked_up"), Database.Unique("hidden"), Database.Unique("reader"));
        var settings = new NpgsqlConnectionStringBuilder(_database.Server.ConnectionString) { Username = role, Password = "r" }.ConnectionString;
        await using var setup = new Setup(_database, $"public.{locked}", $"public.{hidden}") { Snapshot = SnapshotMode.Initial, ConnectionString = settings };
        await _database.ExecuteAsync($"""
            CREATE ROLE {role} LOGIN REPLICATION PASSWORD 'r'; CREATE TABLE {locked} (id int PRIMARY KEY);
            CREATE TABLE {hidden} (id int PRIMARY KEY); ALTER TABLE {hidden} ENABLE ROW LEVEL SECURITY; GRANT SELECT ON {hidden} TO {role};
            CREATE PUBLICATION {setup.Publication} FOR TABLE {locked}, {hidden}
            """);

        var refused = await Assert.ThrowsAsync<PluginException>(() => setup.Read(setup.NewSource()).TryNextAsync());
        var request = await Assert.ThrowsAsync<PluginException>(() => setup.NewSource()
            .RequestSnapshotAsync([$"public.{locked}", $"public.{hidden}"], TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));

        foreach (var failure in (PluginException[])[refused, request])
        {
            Assert.Equal(FailureKind.Permanent, failure.Kind);
            Assert.Contains($"GRANT SELECT ON \"public\".\"{locked}\" TO \"{role}\";", failure.Message, StringComparison.Ordinal);
            Assert.Contains($"hides rows of table \"public\".\"{hidden}\"", failure.Message, StringComparison.Ordinal);
            Assert.Contains($"ALTER ROLE \"{role}\" BYPASSRLS;", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, await _database.ScalarAsync<long>($"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'"));
    }

    async Task<IReadOnlyList<string>> RowsAsync(string table) =>
        await TableRows.ReadAsync(_database, table);
}
