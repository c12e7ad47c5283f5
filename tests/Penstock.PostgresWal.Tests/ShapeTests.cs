using System.Text;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>Tables whose shape changes while they are read.</summary>
public sealed class ShapeTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Theory]
    [InlineData("ADD b text", "added b text")]
    [InlineData("DROP a", "dropped a")]
    [InlineData("RENAME a TO b", "added b integer; dropped a")]
    [InlineData("ALTER a TYPE bigint", "a is bigint, was integer")]
    [InlineData("ALTER n TYPE numeric(12,2)", "n is numeric(12,2), was numeric(10,2)")]
    [InlineData("REPLICA IDENTITY FULL", "old rows come with every column, came with (id)")]
    [InlineData("DROP CONSTRAINT {0}_pkey, ALTER a SET NOT NULL, ADD PRIMARY KEY (id, a)", "key (id, a), was (id); old rows come with (id, a), came with (id)")]
    [Trait("Scenario", "PG18")]
    public async Task A_change_of_shape_comes_once_before_the_first_row_that_has_it(string alter, string detail)
    {
        var table = await CreateTableAsync("shape");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1, 1)");
        await _database.ExecuteAsync($"ALTER TABLE {table} {string.Format(alter, table)}");
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2, 2), (3, 3)");

        var before = Assert.IsType<ChangeEvent>(await reading.NextAsync());
        Assert.IsType<Watermark>(await reading.NextAsync());
        Assert.Equal(before.Position, Rows(reading.Shapes));
        var mark = Assert.IsType<Watermark>(await reading.NextAsync());
        var next = await reading.NextAsync();
        while (next is Watermark empty)
        {
            // Of transactions without a row, which PostgreSQL 14 sends.
            (mark, next) = (empty, await reading.NextAsync());
        }

        var change = Assert.IsType<SchemaChange>(next);
        var first = Assert.IsType<ChangeEvent>(await reading.NextAsync());
        Assert.IsType<ChangeEvent>(await reading.NextAsync());
        Assert.IsType<Watermark>(await reading.NextAsync());

        Assert.Equal(($"public.{table}", detail), (change.Subject, change.Detail));
        Assert.Same(before.After!.Value.Schema, change.Before);
        Assert.Same(first.After!.Value.Schema, change.After);
        Assert.Equal((first.Position, first.OccurredAt), (change.Position, change.OccurredAt));
        Assert.Equal(first.Position, Rows(reading.Shapes));

        // Whoever starts behind the mark gets the news; whoever has the shapes, too, does not.
        await setup.StopAllAsync();
        var shapes = reading.Shapes!;
        foreach (var (known, isNews) in ((Watermark, bool)[])[(Old(shapes, before.Position, table), true), (shapes, false)])
        {
            var again = await setup.StartAsync(mark, known);
            Assert.Equal(isNews ? (typeof(Watermark), typeof(SchemaChange)) : (typeof(ChangeEvent), typeof(ChangeEvent)), ((await again.NextAsync()).GetType(), (await again.NextAsync()).GetType()));
            await setup.StopAllAsync();
        }

        // As the checkpoint had it before the change.
        Watermark Old(Watermark now, SourcePosition position, string name) => new(new SourcePosition(now.Position.Partition, position.Order))
        {
            State = now.State.ToArray().Select((b, i) => i == 11 ? (byte)(b ^ 1) : b).ToArray(),
        };
    }

    [Fact]
    [Trait("Scenario", "PG18")]
    public async Task A_change_while_nobody_reads_is_told_without_the_shape_before()
    {
        var (table, still) = (await CreateTableAsync("shape"), await CreateTableAsync("still"));
        await using var setup = new Setup(_database, $"public.{table}", $"public.{still}");
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1, 1)");
        await _database.ExecuteAsync($"INSERT INTO {still} VALUES (1, 1, 1)");
        await reading.NextTransactionAsync();
        var (_, watermark) = await reading.NextTransactionAsync();
        await setup.StopAllAsync();
        await _database.ExecuteAsync($"ALTER TABLE {table} ADD b text");
        await _database.ExecuteAsync($"INSERT INTO {still} VALUES (2, 2, 2); INSERT INTO {table} VALUES (2, 2, 2, 'b')");

        var again = await setup.StartAsync(watermark, reading.Shapes!);
        var messages = new List<SourceMessage>();
        while (messages.OfType<ChangeEvent>().Count() < 2)
        {
            messages.Add(await again.NextAsync());
        }

        var change = Assert.Single(messages.OfType<SchemaChange>());
        Assert.Null(change.Before);
        Assert.Equal($"public.{table}", change.Subject);
        Assert.Equal(["id", "a", "n", "b"], Names(change.After));
        Assert.Equal($"it changed while nobody read; it now has id integer, a integer, n numeric(10,2), b text; key (id)", change.Detail);
    }

    [Fact]
    public void The_state_stays_below_4_KiB_however_many_tables_there_are()
    {
        var book = new SchemaBook();
        for (var i = 0; i < 500; i++)
        {
            book = book.With(new Relation($"public.t{i}", true, false, new RowSchema(), []), (UInt128)i);
        }

        Assert.InRange(book.ToWatermark().State.Length, 4000, 4095);
        var kept = SchemaBook.From([book.ToWatermark()]);
        var known = new Relation("public.t0", true, false, new RowSchema(), []);
        Assert.False(kept.HasChanged(known, 500, out _));
        Assert.Null(kept.HasChanged(new Relation("public.t499", true, false, new RowSchema(), []), 500, out _));
    }

    [Fact]
    [Trait("Scenario", "PG18")]
    public async Task Under_load_every_row_has_exactly_the_columns_of_its_time()
    {
        const int writers = 3, alters = 16;
        var table = Database.Unique("alive");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, columns int)");
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        // The table knows how many columns it has: with the lock, nobody changes that until the commit.
        var insert = $"""
            BEGIN; LOCK TABLE {table} IN ROW EXCLUSIVE MODE;
            INSERT INTO {table} (columns) SELECT count(*) FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped; COMMIT
            """;
        var isAltered = false;
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(async _ =>
        {
            await using var connection = await _database.ConnectAsync();
            while (!Volatile.Read(ref isAltered))
            {
                await Database.ExecuteAsync(connection, insert);
            }
        }));
        async Task AlterAsync()
        {
            try
            {
                for (var i = 0; i < alters; i++)
                {
                    // Inside a transaction, between two rows of it, every other time.
                    var alter = i % 3 == 2 ? $"ALTER TABLE {table} DROP c{i - 1}" : $"ALTER TABLE {table} ADD c{i} int DEFAULT {i}";
                    await _database.ExecuteAsync(i % 2 == 0 ? alter : $"BEGIN; {insert.Replace("BEGIN;", "", StringComparison.Ordinal).Replace("COMMIT", "", StringComparison.Ordinal)} {alter}; "
                        + $"INSERT INTO {table} (columns) SELECT count(*) FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped; COMMIT");
                }
            }
            finally
            {
                Volatile.Write(ref isAltered, true);
            }
        }

        var (rows, changes) = (0, 0);
        RowSchema? announced = null;
        await Task.WhenAll(writing, AlterAsync());
        var expected = await _database.ScalarAsync<long>($"SELECT count(*) FROM {table}");
        while (rows < expected)
        {
            switch (await reading.NextAsync())
            {
                case SchemaChange change:
                    changes++;
                    announced = change.After;
                    break;
                case ChangeEvent row:
                    rows++;
                    announced ??= row.After!.Value.Schema;
                    Assert.Same(announced, row.After!.Value.Schema);
                    Assert.Equal($"{announced.Count}", row.After?.GetString("columns"));
                    break;
            }
        }

        // Those inside a transaction at least have a row on either side.
        Assert.InRange(changes, alters / 2, alters);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Scenario", "PG19")]
    public async Task Tables_that_swap_their_names_swap_their_shapes_and_mix_no_columns(bool isRestarted)
    {
        var (a, b) = (Database.Unique("swap"), Database.Unique("swap"));
        await _database.ExecuteAsync($"CREATE TABLE {a} (id int PRIMARY KEY, only_a int); CREATE TABLE {b} (key text PRIMARY KEY, x int, only_b text)");
        await using var setup = new Setup(_database, $"public.{a}", $"public.{b}") { MonitorInterval = TimeSpan.FromMilliseconds(20) };
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {a} VALUES (1, 10); INSERT INTO {b} VALUES ('k1', 1, 'b1')");
        var (_, watermark) = await reading.NextTransactionAsync();
        if (isRestarted)
        {
            await setup.StopAllAsync();
            reading = await setup.StartAsync(watermark, reading.Shapes!);
        }

        await _database.ExecuteAsync($"BEGIN; ALTER TABLE {a} RENAME TO {a}_tmp; ALTER TABLE {b} RENAME TO {a}; ALTER TABLE {a}_tmp RENAME TO {b}; COMMIT");
        await _database.ExecuteAsync($"INSERT INTO {a} VALUES ('k2', 2, 'b2'); INSERT INTO {b} VALUES (2, 20)");
        var messages = await ReadAsync(reading, rows: 2);

        Assert.Equal([$"public.{a} key,x,only_b", $"public.{b} id,only_a"], messages.OfType<SchemaChange>().Select(change => $"{change.Subject} {string.Join(',', Names(change.After))}"));
        Assert.Equal(!isRestarted, messages.OfType<SchemaChange>().All(change => change.Before is not null));
        var rows = messages.OfType<ChangeEvent>().ToList();
        Assert.Equal([$"public.{a}", $"public.{b}"], rows.Select(row => row.Subject));
        Assert.Equal(["k2", "2"], rows.Select(row => Encoding.UTF8.GetString(row.Key.Span)));
        Assert.Equal(("b2", "20"), (rows[0].After?.GetString("only_b"), rows[1].After?.GetString("only_a")));

        // Who watches the publication has looked since, and found nothing wrong.
        var now = await _database.ScalarAsync<DateTime>("SELECT clock_timestamp()");
        await Eventually.HoldsAsync(
            () => _database.ScalarAsync<bool>($"""
                SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_publication_rel%' AND query NOT LIKE '%pg_stat_activity%' AND query_start > '{now:O}' AND state = 'idle'
                """),
            "the watch looks");
        await _database.ExecuteAsync($"INSERT INTO {b} VALUES (3, 30)");
        Assert.Equal("30", (await reading.NextEventAsync()).After?.GetString("only_a"));
    }

    [Theory]
    [InlineData("id int PRIMARY KEY, a int, n numeric(10,2)", 0)]
    [InlineData("id int PRIMARY KEY, z text", 1)]
    [Trait("Scenario", "PG19")]
    public async Task A_table_made_anew_under_its_name_has_changed_when_its_shape_has(string columns, int changes)
    {
        var table = await CreateTableAsync("anew");
        await _database.ExecuteAsync($"CREATE PUBLICATION {table}_all FOR ALL TABLES");
        await using var setup = new Setup(_database, $"public.{table}") { Publication = $"{table}_all" };
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        await reading.NextTransactionAsync();

        await _database.ExecuteAsync($"BEGIN; INSERT INTO {table} VALUES (2); DROP TABLE {table}; CREATE TABLE {table} ({columns}); INSERT INTO {table} VALUES (3); COMMIT");
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (4)");
        var messages = await ReadAsync(reading, rows: 3);

        Assert.Equal(changes, messages.OfType<SchemaChange>().Count());
        Assert.Equal(["2", "3", "4"], messages.OfType<ChangeEvent>().Select(row => row.After?.GetString("id")));
        Assert.Equal(changes, messages.OfType<ChangeEvent>().Skip(1).Count(row => Names(row.After!.Value.Schema).Contains("z")) / 2);
        await setup.StopAllAsync();
        await _database.ExecuteAsync($"DROP PUBLICATION {table}_all");
    }

    [Fact]
    [Trait("Scenario", "PG18")]
    public async Task With_halt_everything_before_the_new_shape_is_settled_and_nothing_of_it_is_read_until_an_operator_says_so()
    {
        var table = await CreateTableAsync("halt");
        await using var setup = new Setup(_database, $"public.{table}") { OnSchemaChange = SchemaChangePolicy.Halt };
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1, 1)");
        var (_, watermark) = await reading.NextTransactionAsync();
        await _database.ExecuteAsync($"BEGIN; INSERT INTO {table} VALUES (2); ALTER TABLE {table} ADD b text, DROP n; INSERT INTO {table} VALUES (3); COMMIT");

        var last = await reading.NextEventAsync();
        Assert.Equal("2", last.After?.GetString("id"));
        // A sink that takes whole transactions would wait for the rest, which does not come.
        Assert.True(last.Transaction?.IsLast);
        var mark = Assert.IsType<Watermark>(await reading.NextAsync());
        var waiting = reading.WaitAsync();
        Assert.False(waiting.IsCompleted);
        await reading.Source.AcknowledgeAsync([mark], TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<PluginException>(() => waiting);

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains($"Table public.{table} has another shape from here on: added b text; dropped n. ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("\"onSchemaChange\": \"continue\"", failure.Message, StringComparison.Ordinal);

        // Over a restart, and however far the host had come.
        await setup.StopAllAsync();
        foreach (var from in (Watermark[])[watermark, mark])
        {
            var again = await setup.StartAsync(from, reading.Shapes!, reading.Members!);
            var message = await again.NextAsync();
            var known = "it now has id integer, a integer, b text; key (id)";
            if (message is ChangeEvent row)
            {
                Assert.Equal((watermark, "2"), (from, row.After?.GetString("id")));
                message = await again.NextAsync();
                known = "added b text; dropped n";
            }

            var halted = again.WaitAsync();
            await again.Source.AcknowledgeAsync([Assert.IsType<Watermark>(message)], TestContext.Current.CancellationToken);
            Assert.Contains(known, (await Assert.ThrowsAsync<PluginException>(() => halted)).Message, StringComparison.Ordinal);
            await setup.StopAllAsync();
        }

        setup.OnSchemaChange = SchemaChangePolicy.Continue;
        var freed = await setup.StartAsync(mark, reading.Shapes!);
        Assert.Equal("3", (await freed.NextEventAsync()).After?.GetString("id"));
        await freed.NextAsync();
        await setup.StopAllAsync();

        setup.OnSchemaChange = SchemaChangePolicy.Halt;
        var back = await setup.StartAsync(mark, freed.Shapes!);
        Assert.Equal("3", (await back.NextEventAsync()).After?.GetString("id"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Scenario", "PG40")]
    public async Task Partitions_that_come_and_go_keep_the_name_and_the_shape_that_the_publication_gives_them(bool viaRoot)
    {
        var table = Database.Unique("parted");
        await _database.ExecuteAsync($"""
            CREATE TABLE {table} (id int, a text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
            CREATE TABLE {table}_1 PARTITION OF {table} FOR VALUES FROM (0) TO (10);
            CREATE TABLE {table}_2 (a text, gone int, id int NOT NULL, PRIMARY KEY (id)); ALTER TABLE {table}_2 DROP gone;
            CREATE PUBLICATION {table} FOR TABLE {table} WITH (publish_via_partition_root = {viaRoot});
            """);
        await using var setup = new Setup(_database, viaRoot ? [$"public.{table}"] : [$"public.{table}_1"]) { Publication = table };
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, 'a')");
        await _database.ExecuteAsync($"ALTER TABLE {table} ATTACH PARTITION {table}_2 FOR VALUES FROM (10) TO (20)");
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (11, 'b'), (2, 'c'); UPDATE {table} SET a = 'd' WHERE id = 11");
        await _database.ExecuteAsync($"ALTER TABLE {table} DETACH PARTITION {table}_2");
        await _database.ExecuteAsync($"INSERT INTO {table}_2 (id, a) VALUES (12, 'not ours any more'); INSERT INTO {table} VALUES (3, 'e')");

        // The stream of PostgreSQL 14 does not notice before its next connection that a partition left.
        string[] stray = viaRoot && await _database.MajorAsync() < 15 ? ["12 not ours any more"] : [];
        var messages = await ReadAsync(reading, rows: (viaRoot ? 5 : 3) + stray.Length);

        // Without the root, a partition that is not configured stays away as any other table does.
        Assert.Equal(
            viaRoot ? ["1 a", "11 b", "2 c", "11 d", .. stray, "3 e"] : ["1 a", "2 c", "3 e"],
            messages.OfType<ChangeEvent>().Select(row => $"{row.After?.GetString("id")} {row.After?.GetString("a")}"));
        Assert.All(messages.OfType<ChangeEvent>(), row => Assert.Equal(viaRoot ? $"public.{table}" : $"public.{table}_1", row.Subject));
        Assert.Empty(messages.OfType<SchemaChange>());
    }

    async Task<string> CreateTableAsync(string prefix)
    {
        var table = Database.Unique(prefix);
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, a int, n numeric(10,2))");
        return table;
    }

    static async Task<List<SourceMessage>> ReadAsync(Reading reading, int rows)
    {
        var messages = new List<SourceMessage>();
        while (messages.OfType<ChangeEvent>().Count() < rows)
        {
            messages.Add(await reading.NextAsync());
        }

        return messages;
    }

    // The position among the rows at which the shapes were kept.
    static SourcePosition Rows(Watermark? shapes) => new("", shapes!.Position.Order);

    static IEnumerable<string> Names(RowSchema schema) => Enumerable.Range(0, schema.Count).Select(i => schema[i].Name);
}
