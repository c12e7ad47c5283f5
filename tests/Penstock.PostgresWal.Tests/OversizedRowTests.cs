using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>A row that PostgreSQL stores, but cannot send: its text is longer than 1 GB.</summary>
public sealed class OversizedRowTests(PostgresFixture fixture)
{
    // Two hexadecimal digits for each byte pass what the server allocates at once, 1 GB.
    const int Bytes = 537_000_000;

    readonly Database _database = new(fixture.Server);

    [Fact]
    [Trait("Scenario", "PG31")]
    public async Task A_row_that_cannot_be_sent_stops_the_source_and_can_be_skipped_as_documented()
    {
        var table = Database.Unique("oversized");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, v bytea)");
        await using var setup = new Setup(_database, $"public.{table}") { OnPositionLost = PositionLostPolicy.AcceptLoss };
        var watermark = await setup.DeliverAsync(table, 1);
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2, repeat('x', {Bytes})::bytea)");
        var end = await _database.ScalarAsync<string>("SELECT pg_current_wal_insert_lsn()::text");
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (3)");

        var failure = await Assert.ThrowsAsync<PluginException>((await setup.StartAsync(watermark)).NextEventAsync);
        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains(Lsn.Format(Lsn.OfState(watermark)), failure.Message, StringComparison.Ordinal);
        Assert.Contains("docs/postgres-operations.md", failure.Message, StringComparison.Ordinal);
        await setup.StopAllAsync();
        await Eventually.HoldsAsync(async () => !await _database.IsActiveAsync(setup.Slot), "the slot is free");

        // As docs/postgres-operations.md says.
        await _database.ExecuteAsync($"SELECT pg_replication_slot_advance('{setup.Slot}', '{end}')");
        var again = await setup.StartAsync(watermark);
        var loss = Assert.IsType<LossWindow>(await again.NextAsync());
        Assert.Equal(LossCause.PositionLost, loss.Cause);
        Assert.Contains(Lsn.Format(Lsn.OfState(watermark)), loss.Detail, StringComparison.Ordinal);
        Assert.Equal("3", (await again.NextEventAsync()).After?.GetString("id"));
        await _database.ExecuteAsync($"DROP TABLE {table}");
    }
}
