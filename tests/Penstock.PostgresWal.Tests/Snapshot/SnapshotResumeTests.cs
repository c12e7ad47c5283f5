using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class SnapshotResumeTests(PostgresFixture fixture)
{
    const int LargestPiece = 25_000;

    readonly Database _database = new(fixture.Server);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_a_crash_it_goes_on_behind_the_last_checkpoint(int seed)
    {
        var table = Database.Unique("crashed");
        await _database.ExecuteAsync(Writers.Create(table));
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        using var end = new CancellationTokenSource();
        var copy = new Copy(setup.NewSource(), []);
        await Eventually.HoldsAsync(() => copy.Messages.Count > 0, "the source reads");
        var writing = new Writers(_database, table, seed * 10) { Truncates = false }.RunAsync(end.Token);
        var read = 0;
        for (var rows = 1000; rows <= 3000; rows += 1000)
        {
            await Eventually.HoldsAsync(() => copy.CursorOf($"public.{table}") is { } cursor && cursor.Rows >= rows, "some of it is read");
            // Of what was given out, the checkpoint has a part: an earlier watermark of each.
            var kept = copy.Watermarks.Select(last => copy.Messages.OfType<Watermark>().Where(mark => mark.Position.Partition == last.Position.Partition).TakeLast(3).FirstOrDefault() ?? last).ToArray();
            await copy.Source.DisposeAsync();
            await copy.DisposeAsync();
            read += copy.Events.Count(change => change.Kind == ChangeKind.Snapshot);
            await Eventually.HoldsAsync(async () => !await _database.IsActiveAsync(setup.Slot), "the slot is released");
            copy = new Copy(setup.NewSource(), kept, earlier: copy);
        }

        await copy.IsDoneAsync($"public.{table}");
        await end.CancelAsync();
        await writing;
        await Eventually.HoldsAsync(async () => (await TableRows.ReadAsync(_database, table)).SequenceEqual(copy.Rows($"public.{table}")), "the copy equals the table", TimeSpan.FromSeconds(15));
        read += copy.Events.Count(change => change.Kind == ChangeKind.Snapshot);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {read} rows read, with three crashes");
        await copy.DisposeAsync();
    }

    [Fact]
    public async Task After_a_lost_connection_no_more_than_a_piece_comes_again()
    {
        var table = Database.Unique("cut");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, v text); INSERT INTO {table} SELECT n, 'v' FROM generate_series(1, 20000) n; CHECKPOINT");
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        var source = setup.NewSource();
        var cut = false;
        await using var copy = new Copy(source, [], (change, _, _) =>
        {
            if (!cut && change.Position.Order << 64 >> 64 > 4321)
            {
                cut = true;
                _database.ExecuteAsync($"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'").GetAwaiter().GetResult();
            }
        });
        await copy.IsDoneAsync($"public.{table}");

        Assert.Equal(await TableRows.ReadAsync(_database, table), copy.Rows($"public.{table}"));
        Assert.Equal(20_000, copy.Events.DistinctBy(change => change.Position).Count(change => change.Kind == ChangeKind.Snapshot));
        Assert.InRange(copy.Events.Count(), 20_000, 20_000 + LargestPiece);
    }

    [Fact]
    public async Task A_clean_stop_repeats_no_row()
    {
        var table = Database.Unique("stopped");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, v text); INSERT INTO {table} SELECT n, 'v' FROM generate_series(1, 12000) n");
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        var count = 0;
        using var stopping = new ManualResetEventSlim();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = new Copy(setup.NewSource(), [], (_, _, _) =>
        {
            if (++count == 2500)
            {
                enough.SetResult();
                stopping.Wait();
            }
        });
        await enough.Task;
        var stopped = first.StopAsync();
        stopping.Set();
        await stopped;
        await first.Source.DisposeAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (-1, 'later')");
        await using var second = new Copy(setup.NewSource(), first.Watermarks, earlier: first);
        await second.IsDoneAsync($"public.{table}");
        await Eventually.HoldsAsync(() => second.Events.Any(change => change.Kind == ChangeKind.Insert), "the change is streamed");

        Assert.Equal(12_000, first.Events.Concat(second.Events).Count(change => change.Kind == ChangeKind.Snapshot));
        Assert.InRange(first.Events.Count(), 2500, 3500);
        Assert.Equal(await TableRows.ReadAsync(_database, table), second.Rows($"public.{table}"));
        await first.DisposeAsync();
    }

    [Fact]
    public async Task A_table_that_is_done_is_read_no_more_and_one_that_is_new_is()
    {
        var table = Database.Unique("done");
        await _database.ExecuteAsync($"CREATE TABLE {table}_a (id int PRIMARY KEY); INSERT INTO {table}_a VALUES (1); CREATE TABLE {table}_b (id int PRIMARY KEY); INSERT INTO {table}_b VALUES (2)");
        await using var setup = new Setup(_database, $"public.{table}_a") { Snapshot = SnapshotMode.Initial };
        var first = new Copy(setup.NewSource(), []);
        await first.IsDoneAsync($"public.{table}_a");
        await first.DisposeAsync();
        await setup.StopAllAsync();

        await _database.ExecuteAsync($"ALTER PUBLICATION {setup.Publication} ADD TABLE {table}_b");
        await using var wider = new Setup(_database, $"public.{table}_a", $"public.{table}_b") { Snapshot = SnapshotMode.Initial, Slot = setup.Slot, Publication = setup.Publication };
        await Eventually.HoldsAsync(async () => !await _database.IsActiveAsync(setup.Slot), "the slot is released");
        await using var second = new Copy(wider.NewSource(), first.Watermarks);
        await second.IsDoneAsync($"public.{table}_a", $"public.{table}_b");

        Assert.Equal($"public.{table}_b", Assert.Single(second.Events).Subject);
        await wider.StopAllAsync();
    }

    [Fact]
    public async Task A_request_is_kept_once_its_beginning_is_acknowledged_and_survives_a_crash()
    {
        var table = Database.Unique("asked");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY); INSERT INTO {table} SELECT generate_series(1, 500)");
        await using var setup = new Setup(_database, $"public.{table}");
        var first = new Copy(setup.NewSource(), []);
        await Eventually.HoldsAsync(() => _database.IsActiveAsync(setup.Slot), "the source reads");
        var unknown = await Assert.ThrowsAsync<PluginException>(() => first.Source.RequestSnapshotAsync(["public.nothing"], TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        var request = first.Source.RequestSnapshotAsync([$"public.{table}"], TestContext.Current.CancellationToken).AsTask();
        await first.IsDoneAsync($"public.{table}");
        var beginning = first.Messages.OfType<Watermark>().First(mark => mark.Position.Partition == $"snapshot:public.{table}");
        Assert.False(request.IsCompleted);
        await first.Source.AcknowledgeAsync([beginning], TestContext.Current.CancellationToken);
        await request;
        await first.DisposeAsync();
        await setup.StopAllAsync();
        await Eventually.HoldsAsync(async () => !await _database.IsActiveAsync(setup.Slot), "the slot is released");

        // The checkpoint has only the beginning.
        await using var second = new Copy(setup.NewSource(), [.. first.Watermarks.Where(mark => mark.Position.Partition.Length == 0), beginning]);
        await second.IsDoneAsync($"public.{table}");

        Assert.Contains($"expected one of public.{table}", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(500, second.Events.Count());
        Assert.Equal(1u, second.CursorOf($"public.{table}")!.Run);
    }

    [Fact]
    public async Task A_table_that_is_asked_for_while_its_last_piece_goes_out_begins_anew_behind_what_was_given()
    {
        const int rows = 4000;
        var table = Database.Unique("again");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, v int); INSERT INTO {table} SELECT n, 1 FROM generate_series(1, {rows}) n");
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        var reading = await setup.StartAsync();
        var positions = new List<UInt128>();
        var values = new Dictionary<string, string?>();
        async Task<SnapshotCursor?> NextAsync()
        {
            var message = await reading.NextAsync();
            if (message is ChangeEvent change)
            {
                values[change.After!.Value.GetString("id")!] = change.After.Value.GetString("v");
            }

            var position = message is ChangeEvent { Kind: ChangeKind.Snapshot } row ? row.Position : message is Watermark mark ? mark.Position : default;
            if (position.Partition.StartsWith("snapshot:", StringComparison.Ordinal))
            {
                positions.Add(position.Order);
                return message is Watermark watermark ? SnapshotCursor.Of(watermark) : null;
            }

            return null;
        }

        // Pieces grow from 100 rows by four each time, so this is in the last one.
        while (values.Count < rows * 6 / 10)
        {
            await NextAsync();
        }

        // With a question to the server between two rows, so that the request is there before the rest has gone out.
        var request = reading.Source.RequestSnapshotAsync([$"public.{table}"], TestContext.Current.CancellationToken).AsTask();
        SnapshotCursor? cursor = null;
        while (cursor is not { Run: 1 })
        {
            cursor = await NextAsync();
            Assert.False(cursor is { Run: 0, IsDone: true });
            await _database.ScalarAsync<int>("SELECT 1");
        }

        await _database.ExecuteAsync($"UPDATE {table} SET v = 2");
        while (cursor is not { IsDone: true } || values.Values.Any(value => value != "2"))
        {
            cursor = await NextAsync() ?? cursor;
        }

        Assert.Equal(positions.Order(), positions);
        Assert.Equal(rows, values.Count);
        Assert.False(request.IsFaulted);
    }

    [Fact]
    public async Task A_table_that_changes_its_shape_meanwhile_arrives_in_its_last_one()
    {
        var table = Database.Unique("shaped");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, version bigint, v text); INSERT INTO {table} SELECT n, 1, 'v' FROM generate_series(1, 40000) n");
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        await using var copy = new Copy(setup.NewSource(), []);
        await Eventually.HoldsAsync(() => copy.Events.Any(), "it is being read");
        string[] changes =
        [
            $"ALTER TABLE {table} ADD w int DEFAULT 7; UPDATE {table} SET w = 8 WHERE id % 1000 = 0", $"ALTER TABLE {table} ALTER version TYPE text; UPDATE {table} SET version = 'x' WHERE id % 1001 = 0",
            $"ALTER TABLE {table} DROP v; UPDATE {table} SET w = 9 WHERE id % 999 = 0", $"VACUUM FULL {table}",
        ];
        foreach (var change in changes)
        {
            await _database.ExecuteAsync(change);
        }

        await copy.IsDoneAsync($"public.{table}");
        var run = copy.Source.RequestSnapshotAsync([$"public.{table}"], TestContext.Current.CancellationToken).AsTask();
        await Eventually.HoldsAsync(() => copy.CursorOf($"public.{table}") is { Run: 1, IsDone: true }, "it is read again");
        await Eventually.HoldsAsync(async () => (await TableRows.ReadAsync(_database, table)).SequenceEqual(copy.Rows($"public.{table}")), "the copy equals the table", TimeSpan.FromSeconds(15));
        Assert.False(run.IsFaulted);
    }

    [Fact]
    public async Task A_key_that_is_too_long_for_a_checkpoint_is_refused()
    {
        var table = Database.Unique("long_key");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id text PRIMARY KEY); INSERT INTO {table} VALUES (repeat('k', 100000))");
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        await using var copy = new Copy(setup.NewSource(), []);

        var refused = await Assert.ThrowsAsync<PluginException>(() => copy.IsDoneAsync($"public.{table}"));

        Assert.Equal(FailureKind.Permanent, refused.Kind);
        Assert.Contains("takes 100033 bytes in the checkpoint, expected at most 4096", refused.Message, StringComparison.Ordinal);
    }
}
