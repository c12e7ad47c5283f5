using System.Collections.Concurrent;
using System.Globalization;
using NpgsqlTypes;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class SnapshotConcurrencyTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [Trait("Scenario", "PG32")]
    public async Task Beside_writers_nothing_is_missing_and_nothing_goes_back(int seed, bool truncates)
    {
        var table = Database.Unique("busy");
        await _database.ExecuteAsync(Writers.Create(table));
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        using var end = new CancellationTokenSource();
        var writers = new Writers(_database, table, seed * 100) { Truncates = truncates };
        var (highest, back) = (new Dictionary<string, long>(), new ConcurrentQueue<string>());
        // The slot first: with writers that never pause, making it takes its time.
        await using var copy = new Copy(setup.NewSource(), [], (change, _, after) => Watch(change, after, highest, back));
        await Eventually.HoldsAsync(() => copy.Messages.Count > 0, "the source reads");
        var writing = writers.RunAsync(end.Token);
        await copy.IsDoneAsync($"public.{table}");
        // Again, a few times, so that many pieces meet many changes.
        for (var i = 0; i < 4; i++)
        {
            await RepeatAsync(copy, $"public.{table}");
        }

        await end.CancelAsync();
        await writing;
        await copy.HasPassedAsync((ulong)await _database.ScalarAsync<NpgsqlLogSequenceNumber>("SELECT pg_current_wal_lsn()") - 1000);
        await Eventually.HoldsAsync(async () => (await TableRows.ReadAsync(_database, table)).SequenceEqual(copy.Rows($"public.{table}")), "the copy equals the table", TimeSpan.FromSeconds(15));

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seed {seed}: {writers.Transactions} transactions, {copy.Events.Count(change => change.Kind == ChangeKind.Snapshot)} rows read, "
            + $"{copy.Events.Count(change => change.Kind == ChangeKind.Snapshot && HasUnchanged(change))} of them in part");
        Assert.Empty(back);
        Assert.True(writers.Transactions > 100);
    }

    [Fact]
    [Trait("Scenario", "PG32")]
    public async Task A_row_does_not_go_out_over_one_that_the_stream_had_while_nobody_saw_it()
    {
        using var server = PostgresServer.Start();
        var database = new Database(server);
        await database.ExecuteAsync("""
            CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a SELECT generate_series(1, 3000);
            CREATE TABLE b (id int PRIMARY KEY, v text, big text); ALTER TABLE b ALTER big SET STORAGE EXTERNAL;
            INSERT INTO b SELECT n, 'old', CASE n WHEN 5 THEN repeat('b', 10000) END FROM generate_series(1, 10) n
            """);
        await using var setup = new Setup(database, "public.a", "public.b") { Snapshot = SnapshotMode.Initial };
        var reading = await setup.StartAsync();
        await reading.NextEventsAsync(1);

        // From here on a commit is written, and sent to us, but not seen: no standby answers.
        await database.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        await database.ExecuteAsync("SELECT pg_reload_conf()");
        var hanging = database.ExecuteAsync("UPDATE b SET v = 'new' WHERE id IN (5, 6)");
        await Eventually.HoldsAsync(() => database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')"), "the commit waits");
        var events = new List<ChangeEvent>();
        while (await reading.NextAsync() is var message && message is not Watermark { Position.Partition: "snapshot:public.b" } || !SnapshotCursor.Of((Watermark)message).IsDone)
        {
            if (message is ChangeEvent { Subject: "public.b" } read)
            {
                events.Add(read);
            }
        }

        Assert.Equal("old", await database.ScalarAsync<string>("SELECT v FROM b WHERE id = 5"));
        Assert.Equal([ChangeKind.Update], events.Where(change => change.After!.Value.GetString("id") == "6").Select(change => change.Kind));
        Assert.Equal(9, events.Count(change => change.Kind == ChangeKind.Snapshot));

        // Of row 5 the stream had no large value, which had not changed: that, and nothing else, comes from the table.
        var (change, rest) = (events.First(each => each.After!.Value.GetString("id") == "5"), events.Last(each => each.After!.Value.GetString("id") == "5"));
        Assert.Equal((ChangeKind.Update, FieldState.Unchanged, "new"), (change.Kind, change.After!.Value.GetState(2), change.After!.Value.GetString("v")));
        Assert.Equal((ChangeKind.Snapshot, FieldState.Unchanged, 10_000), (rest.Kind, rest.After!.Value.GetState(1), rest.After!.Value[2].Length));
        await ReleaseAsync(database, hanging);
    }

    [Fact]
    [Trait("Scenario", "PG32")]
    public async Task What_was_read_waits_until_a_stream_that_is_behind_has_told_all_that_it_sees()
    {
        const int rows = 3000, updates = 15;
        var table = Database.Unique("behind");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, version int NOT NULL); INSERT INTO {table} SELECT n, 0 FROM generate_series(1, {rows}) n");
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        var reading = await setup.StartAsync();
        await reading.NextEventsAsync(1);
        for (var version = 1; version <= updates; version++)
        {
            await _database.ExecuteAsync($"UPDATE {table} SET version = {version}");
        }

        var (versions, back) = (new Dictionary<string, int>(), 0);
        while (await reading.NextAsync() is var message && (message is not Watermark mark || mark.Position.Partition != $"snapshot:public.{table}" || !SnapshotCursor.Of(mark).IsDone))
        {
            if (message is ChangeEvent { After: { } row })
            {
                var (id, version) = (row.GetString("id")!, int.Parse(row.GetString("version")!, CultureInfo.InvariantCulture));
                back += version < versions.GetValueOrDefault(id) ? 1 : 0;
                versions[id] = version;
            }
        }

        Assert.Equal(0, back);
        Assert.Equal(rows, versions.Count);
        Assert.All(versions.Values, version => Assert.Equal(updates, version));
    }

    [Fact]
    public async Task What_the_stream_had_before_anybody_remembered_is_waited_for()
    {
        using var server = PostgresServer.Start();
        var database = new Database(server);
        await database.ExecuteAsync("CREATE TABLE b (id int PRIMARY KEY, v text); INSERT INTO b SELECT n, 'old' FROM generate_series(1, 10) n");
        using var log = new LogLines();
        await using var setup = new Setup(database, "public.b") { LoggerFactory = log };
        await using var copy = new Copy(setup.NewSource(), []);
        await Eventually.HoldsAsync(() => database.IsActiveAsync(setup.Slot), "the source reads");
        await database.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        await database.ExecuteAsync("SELECT pg_reload_conf()");
        var hanging = database.ExecuteAsync("UPDATE b SET v = 'new' WHERE id = 5");
        await Eventually.HoldsAsync(() => copy.Events.Any(), "the change is streamed");

        var requested = copy.Source.RequestSnapshotAsync(["public.b"], TestContext.Current.CancellationToken).AsTask();
        await Eventually.HoldsAsync(() => copy.CursorOf("public.b") is { Run: 1 }, "the snapshot has begun");
        await Eventually.HoldsAsync(() => log.Lines.Any(line => line.Text.Contains("wait for a synchronous standby", StringComparison.Ordinal)), "the snapshot says that it waits");
        Assert.DoesNotContain(copy.Events, change => change.Kind == ChangeKind.Snapshot);
        await ReleaseAsync(database, hanging);
        await copy.IsDoneAsync("public.b");
        await copy.Source.AcknowledgeAsync([.. copy.Messages.OfType<Watermark>()], TestContext.Current.CancellationToken);
        await requested;

        Assert.Equal("new", copy.Events.Last(change => change.After!.Value.GetString("id") == "5").After!.Value.GetString("v"));
    }

    static async Task ReleaseAsync(Database database, Task hanging)
    {
        await database.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
        await database.ExecuteAsync("SELECT pg_reload_conf()");
        await hanging;
    }

    // PostgreSQL reads WAL at a standby from 16 on.
    [Fact]
    [Trait("Scenario", "PG32")]
    public async Task At_a_standby_beside_writers_at_the_primary_nothing_is_missing_and_nothing_goes_back()
    {
        using var primary = PostgresServer.StartAtLeast(16);
        var database = new Database(primary);
        await database.ExecuteAsync(Writers.Create("busy"));
        await database.ExecuteAsync("CREATE PUBLICATION busy FOR TABLE busy; SELECT pg_create_physical_replication_slot('standby', true)");
        primary.StopFast(TimeSpan.FromSeconds(30));
        using var standby = PostgresServer.StartStandby(
            primary, configuration: ["primary_slot_name = 'standby'", "hot_standby_feedback = on", "wal_retrieve_retry_interval = 100ms", "wal_receiver_status_interval = 1s"]);
        await using var setup = new Setup(new Database(standby), "public.busy") { Snapshot = SnapshotMode.Initial, CreateSlot = false, Publication = "busy" };
        var making = setup.Database.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{setup.Slot}', 'pgoutput')");
        await Eventually.HoldsAsync(
            async () =>
            {
                await database.ExecuteAsync("SELECT pg_log_standby_snapshot()");
                return making.IsCompleted;
            },
            "the standby has a slot");
        await making;

        var (highest, back) = (new Dictionary<string, long>(), new ConcurrentQueue<string>());
        using var end = new CancellationTokenSource();
        await using var copy = new Copy(setup.NewSource(), [], (change, _, after) => Watch(change, after, highest, back));
        var writers = new Writers(database, "busy", seed: 400);
        var writing = writers.RunAsync(end.Token);
        await copy.IsDoneAsync("public.busy");
        for (var i = 0; i < 4; i++)
        {
            await RepeatAsync(copy, "public.busy");
        }

        await end.CancelAsync();
        await writing;
        await Eventually.HoldsAsync(async () => (await TableRows.ReadAsync(database, "busy")).SequenceEqual(copy.Rows("public.busy")), "the copy equals the primary's table");

        Assert.Empty(back);
        Assert.True(writers.Transactions > 100);
    }

    static async Task RepeatAsync(Copy copy, string subject)
    {
        var run = copy.CursorOf(subject)!.Run;
        var request = copy.Source.RequestSnapshotAsync([subject], TestContext.Current.CancellationToken).AsTask();
        await Eventually.HoldsAsync(() => copy.CursorOf(subject)!.Run > run, "the table is begun again");
        await copy.Source.AcknowledgeAsync([.. copy.Messages.OfType<Watermark>().Where(watermark => watermark.Tag is not null)], TestContext.Current.CancellationToken);
        await request;
        await copy.IsDoneAsync(subject);
    }

    static void Watch(ChangeEvent change, Dictionary<string, string?>? after, Dictionary<string, long> highest, ConcurrentQueue<string> back)
    {
        if (after is null)
        {
            return;
        }

        var (id, version) = (after["id"]!, long.Parse(after["version"]!, CultureInfo.InvariantCulture));
        if (highest.TryGetValue(id, out var known) && version < known)
        {
            back.Enqueue($"{change.Kind} {change.Position}: row {id} goes back from {known} to {version}");
        }

        highest[id] = version;
    }

    static bool HasUnchanged(ChangeEvent change) =>
        Enumerable.Range(0, change.After!.Value.Count).Any(field => change.After!.Value.GetState(field) == FieldState.Unchanged);
}
