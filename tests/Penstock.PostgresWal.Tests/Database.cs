using Npgsql;
using NpgsqlTypes;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>What a test does to the server beside the source.</summary>
sealed class Database(PostgresServer server)
{
    static int _names;

    public PostgresServer Server => server;

    /// <summary>A name that no other test uses.</summary>
    public static string Unique(string prefix) => $"{prefix}_{Interlocked.Increment(ref _names)}";

    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await ExecuteAsync(connection, sql);
    }

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await ConnectAsync();
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task<ulong> ConfirmedAsync(string slot) =>
        (ulong)await ScalarAsync<NpgsqlLogSequenceNumber>($"SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '{slot}'");

    public Task<bool> IsActiveAsync(string slot) =>
        ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '{slot}' AND active)");

    /// <summary>Whether somebody reads from it: a slot is active, too, while it is being created.</summary>
    public Task<bool> IsReadAsync(string slot) =>
        ScalarAsync<bool>($"""
            SELECT EXISTS (SELECT FROM pg_replication_slots JOIN pg_stat_replication ON pid = active_pid
                           WHERE slot_name = '{slot}' AND state IN ('catchup', 'streaming'))
            """);

    public Task<int> MajorAsync() => ScalarAsync<int>("SELECT current_setting('server_version_num')::int / 10000");

    public async Task SkipWithoutListsAsync() => Assert.SkipUnless(await MajorAsync() >= 15, "row filters and column lists came with PostgreSQL 15");

    public Task DropSlotAsync(string slot) => ExecuteAsync($"SELECT pg_drop_replication_slot('{slot}')");

    /// <summary>WAL that the slot keeps the server from removing, in bytes.</summary>
    public Task<decimal> RetainedAsync(string slot) =>
        ScalarAsync<decimal>($"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) FROM pg_replication_slots WHERE slot_name = '{slot}'");
}
