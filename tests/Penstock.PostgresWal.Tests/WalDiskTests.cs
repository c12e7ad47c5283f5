using Npgsql;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>The disk of a server's WAL is full: it ends in the middle of what it does.</summary>
[Collection(PostgresFixture.Apart)]
public sealed class WalDiskTests
{
    const int RowsPerTransaction = 5000;
    const int RowsAfter = 1000;

    [Fact]
    [Trait("Scenario", "PG35")]
    public async Task A_server_that_ran_out_of_room_for_WAL_and_has_room_again_is_read_on_without_loss()
    {
        var server = PostgresServer.Start("min_wal_size = 32MB", "max_wal_size = 32MB", "restart_after_crash = off");
        var database = new Database(server);
        using var disk = await WalDisk.GiveAsync(database, "80m");
        using var _ = server;
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY, pad text)");
        var setup = new Setup(database, "public.orders");
        var consumer = new Consumer(setup, await setup.StartAsync());
        var consuming = consumer.RunAsync();

        // Nothing is acknowledged, so the slot keeps all of it.
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () =>
        {
            for (var i = 0; ; i++)
            {
                await database.ExecuteAsync(
                    $"INSERT INTO orders SELECT g, repeat('x', 1000) FROM generate_series({(i * RowsPerTransaction) + 1}, {(i + 1) * RowsPerTransaction}) g");
            }
        });
        Assert.Contains("PANIC:  could not write to file", server.Log, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => consumer.Reconnects > 0, "the source has noticed");

        disk.Grow("400m");
        await Eventually.HoldsAsync(() => server.HasEnded, "the server has ended");
        server.Start();
        var committed = (int)await database.ScalarAsync<long>("SELECT count(*) FROM orders");
        await database.ExecuteAsync($"INSERT INTO orders SELECT generate_series({committed + 1}, {committed + RowsAfter})");
        await Eventually.HoldsAsync(() => consumer.Count >= committed + RowsAfter, "everything is read");
        await setup.StopAllAsync();
        await consuming;

        Assert.InRange(committed, RowsPerTransaction, int.MaxValue);
        Assert.Equal(Enumerable.Range(1, committed + RowsAfter), consumer.Ids);
        TestContext.Current.TestOutputHelper?.WriteLine($"WAL of 80 MB for 64 MB: {committed} rows before the end, {consumer.Reconnects} times connected again");
    }
}
