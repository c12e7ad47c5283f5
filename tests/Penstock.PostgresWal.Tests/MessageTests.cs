using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>Logical messages: pg_logical_emit_message.</summary>
[Collection(PostgresFixture.Alone)]
public sealed class MessageTests(PostgresFixture fixture)
{
    static readonly TimeSpan Never = TimeSpan.FromHours(1);

    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task A_message_of_a_transaction_comes_in_its_place_and_changes_no_row_s_position()
    {
        var table = await CreateTableAsync(_database);
        await using var without = new Setup(_database, $"public.{table}");
        await using var setup = new Setup(_database, $"public.{table}") { Publication = without.Publication, Messages = ["audit", "ünï"], HeartbeatInterval = Never };
        var plain = await without.StartAsync();
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"""
            BEGIN; {Emit("audit", "first")}; INSERT INTO {table} VALUES (1); {Emit("other", "no")}; {Emit("audit", "")}; {Emit("ünï", "grüße")};
            UPDATE {table} SET id = 2; {Emit("penstock", "own")}; {Emit("audit", "last")}; COMMIT
            """);
        await _database.ExecuteAsync($"BEGIN; {Emit("audit", "aborted")}; INSERT INTO {table} VALUES (9); ROLLBACK");
        await _database.ExecuteAsync($"BEGIN; SAVEPOINT s; {Emit("audit", "undone")}; ROLLBACK TO s; {Emit("audit", "kept")}; COMMIT");

        var (rows, _) = await plain.NextTransactionAsync();
        var (events, watermark) = await reading.NextTransactionAsync();
        var (kept, _) = await reading.NextTransactionAsync();

        Assert.Equal(
            ["Message audit first", "Insert", "Message audit ", "Message ünï grüße", "Delete", "Insert", "Message audit last"],
            events.Select(e => e.Kind == ChangeKind.Message ? $"Message {e.Subject} {e.After?.GetString("message")}" : $"{e.Kind}"));
        Assert.Equal(rows.Select(e => e.Position), events.Where(e => e.Kind != ChangeKind.Message).Select(e => e.Position));
        Assert.Equal(events.OrderBy(e => e.Position.Order), events);
        Assert.Equal(events.Count, events.Select(e => e.Position).Distinct().Count());
        Assert.True(watermark.Position.Order >= events[^1].Position.Order);
        Assert.All(events.Where(e => e.Kind == ChangeKind.Message), e => Assert.True(e.Key.IsEmpty && e.Before is null && e.OccurredAt is not null));
        Assert.Equal([false, false, false, false, false, false, true], events.Select(e => e.Transaction!.Value.IsLast));
        Assert.Equal("kept", Assert.Single(kept).After?.GetString("message"));

        // Cut anywhere, and whatever prefixes are read then: the rest comes with the positions it had.
        await setup.StopAllAsync();
        await without.StopAllAsync();
        for (var cut = 0; cut < events.Count - 1; cut++)
        {
            var again = await setup.StartAsync(new Watermark(events[cut].Position) { State = reading.Start!.State });
            Assert.Equal(events.Skip(cut + 1).Select(e => e.Position), (await again.NextEventsAsync(events.Count - cut - 1)).Select(e => e.Position));
            await setup.StopAllAsync();
        }
    }

    [Fact]
    public async Task A_message_without_a_transaction_has_the_place_where_it_ends_and_is_acknowledged_by_itself()
    {
        var table = await CreateTableAsync(_database);
        await using var setup = new Setup(_database, $"public.{table}") { Messages = ["audit"], HeartbeatInterval = Never };
        var reading = await setup.StartAsync();

        // The commit record of the second statement begins where the message ends.
        await using var connection = await _database.ConnectAsync();
        await Database.ExecuteAsync(connection, $"BEGIN; INSERT INTO {table} VALUES (1)");
        await using var emit = new NpgsqlCommand("SELECT pg_logical_emit_message(false, 'audit', 'now')", connection);
        var end = (ulong)(NpgsqlLogSequenceNumber)(await emit.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        await Database.ExecuteAsync(connection, "COMMIT");
        await _database.ExecuteAsync("BEGIN; SELECT pg_logical_emit_message(false, 'audit', '\\xff00'::bytea); ROLLBACK");

        // Nobody waits for such a message to be flushed, and only what is flushed is sent.
        await _database.ExecuteAsync("CHECKPOINT");

        var message = Assert.IsType<ChangeEvent>(await reading.NextAsync());
        var mark = Assert.IsType<Watermark>(await reading.NextAsync());
        var row = Assert.IsType<ChangeEvent>(await reading.NextAsync());
        var commit = Assert.IsType<Watermark>(await reading.NextAsync());
        var bytes = Assert.IsType<ChangeEvent>(await reading.NextAsync());
        var last = Assert.IsType<Watermark>(await reading.NextAsync());

        Assert.Equal((end, end), ((ulong)(message.Position.Order >> 64), Lsn.OfState(mark)));
        Assert.Equal((ChangeKind.Message, "now"), (message.Kind, message.After?.GetString("message")));
        Assert.Null(message.Transaction);
        Assert.Equal(end, (ulong)(row.Position.Order >> 64));
        Assert.True(message.Position.Order < row.Position.Order && commit.Position.Order < bytes.Position.Order);
        Assert.Equal([0xFF, 0], bytes.After!.Value[0].ToArray());
        Assert.Equal("""["message"]""", NativeJson.Of(bytes)["base64"]!.ToJsonString());

        // Confirmed, it does not come again; the transaction around it does.
        await reading.Source.AcknowledgeAsync([mark], TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(async () => await _database.ConfirmedAsync(setup.Slot) == end, "the message is confirmed");
        await setup.StopAllAsync();
        var again = await setup.StartAsync();
        Assert.Equal([row.Position, bytes.Position], (await again.NextEventsAsync(2)).Select(e => e.Position));
        await setup.StopAllAsync();

        // Between the two as well, and behind the last.
        var behind = await setup.StartAsync(mark);
        Assert.Equal([row.Position, bytes.Position], (await behind.NextEventsAsync(2)).Select(e => e.Position));
        await setup.StopAllAsync();
        var quiet = await setup.StartAsync(last);
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2)");
        Assert.Equal("2", (await quiet.NextEventAsync()).After?.GetString("id"));
    }

    [Fact]
    [Trait("Scenario", "PG28")]
    public async Task Nothing_is_confirmed_beyond_a_message_of_which_only_a_part_has_arrived()
    {
        using var server = PostgresServer.Start();
        var database = new Database(server);
        var table = await CreateTableAsync(database);
        using var proxy = new StallingProxy(server.Port, bytes: 1_000_000);
        await using var setup = new Setup(database, $"public.{table}")
        {
            Messages = ["audit"],
            StatusInterval = TimeSpan.FromMilliseconds(20),
            HeartbeatInterval = TimeSpan.FromMilliseconds(50),
            ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Port = proxy.Port }.ConnectionString,
        };
        var reading = await setup.StartAsync();
        await database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        await reading.NextEventAsync();
        var watermark = Assert.IsType<Watermark>(await reading.NextAsync());
        await database.ExecuteAsync("SELECT pg_create_logical_replication_slot('witness', 'test_decoding')");
        await database.ExecuteAsync("SELECT pg_logical_emit_message(false, 'audit', repeat('x', 3000000))");

        // Where it ends, which is what its header says of it. Heartbeats before it may be confirmed.
        var place = await database.ScalarAsync<NpgsqlLogSequenceNumber>(
            "SELECT lsn FROM pg_logical_slot_peek_changes('witness', NULL, NULL) WHERE data LIKE '%prefix: audit%'");

        // Its header is here, which counts as received; then the source reports a few times more, and heartbeats are written behind it.
        var taken = new List<Watermark>();
        async Task TakeAsync()
        {
            while (reading.WaitAsync().IsCompleted)
            {
                taken.Add(Assert.IsType<Watermark>(await reading.NextAsync()));
                await reading.Source.AcknowledgeAsync([taken[^1]], TestContext.Current.CancellationToken);
            }
        }

        await Eventually.HoldsAsync(
            async () =>
            {
                await TakeAsync();
                return await database.ScalarAsync<bool>($"SELECT count(*) > 0 FROM pg_stat_replication WHERE write_lsn >= '{place}'");
            },
            "the source has the beginning of the message");
        var reports = await database.ScalarAsync<DateTime>("SELECT clock_timestamp()") + TimeSpan.FromSeconds(1);
        await Eventually.HoldsAsync(
            async () =>
            {
                await TakeAsync();
                return await database.ScalarAsync<DateTime>("SELECT max(reply_time) FROM pg_stat_replication") > reports;
            },
            "the source has reported many times more");

        Assert.All(taken, each => Assert.True(Lsn.OfState(each) < (ulong)place));
        Assert.InRange(await database.ConfirmedAsync(setup.Slot), 0ul, (ulong)place - 1);
        await setup.StopAllAsync();
        await using var direct = new Setup(database, $"public.{table}") { Slot = setup.Slot, Publication = setup.Publication, Messages = ["audit"], HeartbeatInterval = Never };
        var again = await direct.StartAsync(taken.LastOrDefault() ?? watermark);
        Assert.Equal(3_000_000, (await again.NextEventAsync()).After!.Value[0].Length);
    }

    [Fact]
    public async Task A_heartbeat_keeps_an_idle_slot_from_retaining_WAL_and_is_no_event()
    {
        const int segment = 16 * 1024 * 1024;
        var (table, busy) = (await CreateTableAsync(_database), Database.Unique("busy"));
        await using var setup = new Setup(_database, $"public.{table}")
        {
            Messages = ["audit"],
            StatusInterval = TimeSpan.FromMilliseconds(50),
            HeartbeatInterval = TimeSpan.FromMilliseconds(200),
        };
        var reading = await setup.StartAsync();
        var pump = AcknowledgeAsync(reading);
        await _database.ExecuteAsync($"CREATE TABLE {busy} AS SELECT g, repeat('x', 1000) FROM generate_series(1, 25000) g");

        await Eventually.HoldsAsync(
            async () =>
            {
                await _database.ExecuteAsync("CHECKPOINT");
                return await _database.RetainedAsync(setup.Slot) < segment;
            },
            "the slot lets go of foreign WAL");
        await reading.StopAsync();

        // Watermarks only, and one for each heartbeat: the server's own position is not taken.
        Assert.All(await pump, message => Assert.IsType<Watermark>(message));
    }

    [Fact]
    public async Task A_heartbeat_that_is_refused_is_told_once()
    {
        var (table, role) = (Database.Unique("told"), Database.Unique("modest"));
        using var log = new LogLines();
        using var server = PostgresServer.Start();
        var database = new Database(server);
        await database.ExecuteAsync($"""
            CREATE TABLE {table} (id int PRIMARY KEY); CREATE PUBLICATION {table} FOR TABLE {table};
            CREATE ROLE {role} LOGIN REPLICATION PASSWORD 'modest';
            """);

        // It has one argument more since 17.
        await database.ExecuteAsync("""
            DO $$ DECLARE f regprocedure; BEGIN
              FOR f IN SELECT oid FROM pg_proc WHERE proname = 'pg_logical_emit_message' LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f); END LOOP;
            END $$
            """);
        await using var setup = new Setup(database, $"public.{table}")
        {
            Publication = table,
            Messages = ["audit"],
            StatusInterval = TimeSpan.FromMilliseconds(20),
            HeartbeatInterval = TimeSpan.FromMilliseconds(50),
            LoggerFactory = log,
            ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = role, Password = "modest" }.ConnectionString,
        };
        var reading = await setup.StartAsync();
        var pump = AcknowledgeAsync(reading);
        await Eventually.HoldsAsync(() => log.Lines.Any(line => line.Text.Contains("refuses a heartbeat", StringComparison.Ordinal)), "the refusal is told");
        await database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        await Eventually.HoldsAsync(async () => await database.ScalarAsync<bool>($"SELECT count(*) > 0 FROM pg_stat_replication WHERE reply_time > clock_timestamp() - interval '10 ms'"), "it still reports");
        await reading.StopAsync();

        Assert.Equal("1", Assert.Single((await pump).OfType<ChangeEvent>()).After?.GetString("id"));
        Assert.Single(log.Lines, line => line.Text.Contains("refuses a heartbeat", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_stops_beside_a_quiet_source_of_messages_is_not_held_up()
    {
        using var server = PostgresServer.Start();
        var database = new Database(server);
        var table = await CreateTableAsync(database);
        var setup = new Setup(database, $"public.{table}") { Messages = ["audit"], StatusInterval = TimeSpan.FromMilliseconds(50), HeartbeatInterval = TimeSpan.FromMilliseconds(500) };
        var reading = await setup.StartAsync();
        var pump = AcknowledgeAsync(reading);
        await database.ExecuteAsync("CREATE TABLE elsewhere AS SELECT generate_series(1, 10000) id");

        var watch = Stopwatch.StartNew();
        var stopping = Task.Run(() => server.StopFast(TimeSpan.FromSeconds(30)), TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<PluginException>(() => pump.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken));
        await stopping;
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(FailureKind.Transient, failure.Kind);

        // What a heartbeat met then is forgotten with the connection; they go on, and the wait between them costs nothing.
        server.Start();
        var again = setup.Read(reading.Source);
        var pumping = AcknowledgeAsync(again);
        var confirmed = await database.ConfirmedAsync(setup.Slot);
        var (quiet, busy) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
        for (var beat = 0; beat < 3; beat++)
        {
            await Eventually.HoldsAsync(async () => pumping.IsCompleted || await database.ConfirmedAsync(setup.Slot) > confirmed, "a heartbeat is confirmed");
            confirmed = await database.ConfirmedAsync(setup.Slot);
        }

        Assert.InRange(Process.GetCurrentProcess().TotalProcessorTime - busy, TimeSpan.Zero, quiet.Elapsed * 0.7);
        await setup.StopAllAsync();
        Assert.Empty((await pumping).OfType<ChangeEvent>());
    }

    [Theory]
    [InlineData("/messages/0", "is the prefix of what this source writes itself", "penstock")]
    [InlineData("/messages/1", "is listed twice", "a", "a")]
    [InlineData("/messages/0", "without NUL", "a\0")]
    public void A_prefix_that_cannot_be_meant_is_a_problem(string pointer, string problem, params string[] prefixes)
    {
        var report = new ConfigReport();
        new PostgresWalPlugin().Validate(new Setup(_database, "public.t") { Messages = prefixes }.Options, report);
        var found = Assert.Single(report.Problems);
        Assert.Equal(pointer, found.Pointer);
        Assert.Contains(problem, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_need_a_server_that_sends_them()
    {
        var setup = new Setup(_database, "public.t") { Messages = ["audit"] };
        var server = new ServerFacts("logical", default, "r", true, "d", "UTF8", 0, default, false, 13);
        var problems = new Requirements(setup.Options, server, null, true, []).Check();

        Assert.Contains("upgrade the server to 14", Assert.Single(problems).ToString(), StringComparison.Ordinal);
        Assert.Empty(new Requirements(setup.Options, server with { Version = 14 }, null, true, []).Check());
    }

    static string Emit(string prefix, string content) => $"SELECT pg_logical_emit_message(true, '{prefix}', '{content}')";

    static async Task<string> CreateTableAsync(Database database)
    {
        var table = Database.Unique("told");
        await database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }

    // The host of a pipeline that settles everything at once.
    static async Task<List<SourceMessage>> AcknowledgeAsync(Reading reading)
    {
        var messages = new List<SourceMessage>();
        while (await reading.TryNextAsync() is { } message)
        {
            messages.Add(message);
            if (message is Watermark watermark)
            {
                await reading.Source.AcknowledgeAsync([watermark], CancellationToken.None);
            }
        }

        return messages;
    }
}
