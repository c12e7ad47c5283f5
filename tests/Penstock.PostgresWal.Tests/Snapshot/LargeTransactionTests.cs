using Penstock.Sources.PostgresWal;

namespace Penstock.PostgresWal.Tests.Snapshot;

public sealed class LargeTransactionTests(PostgresFixture fixture)
{
    const int Rows = 120_000;

    readonly Database _database = new(fixture.Server);

    // More rows than are remembered one by one.
    [Fact]
    [Trait("Scenario", "PG32")]
    public async Task Beside_a_transaction_that_changes_every_row_nothing_is_missing_and_nothing_goes_back()
    {
        var table = Database.Unique("all");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, v text); INSERT INTO {table} SELECT n, 'old' FROM generate_series(1, {Rows}) n");
        await using var setup = new Setup(_database, $"public.{table}") { Snapshot = SnapshotMode.Initial };
        var reading = await setup.StartAsync();
        var first = await reading.NextEventAsync();

        // While pieces that were read before it wait to be taken.
        await _database.ExecuteAsync($"UPDATE {table} SET v = 'new'");
        var copy = new Dictionary<string, string?> { [Id(first)] = Value(first) };
        var (updates, back) = (0, 0);
        while (await reading.NextAsync() is var message && !(message is Watermark { Position.Partition: not "" } mark && SnapshotCursor.Of(mark).IsDone && updates == Rows))
        {
            if (message is ChangeEvent change)
            {
                updates += change.Kind == ChangeKind.Update ? 1 : 0;
                back += Value(change) == "old" && copy.GetValueOrDefault(Id(change)) == "new" ? 1 : 0;
                copy[Id(change)] = Value(change);
            }
        }

        Assert.Equal(0, back);
        Assert.Equal(Rows, copy.Values.Count(value => value == "new"));
    }

    static string Id(ChangeEvent change) => change.After!.Value.GetString("id")!;

    static string? Value(ChangeEvent change) => change.After!.Value.GetString("v");
}
