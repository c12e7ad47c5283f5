using Npgsql;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>What a test asks a server beside the host.</summary>
static class Sql
{
    /// <summary>Runs statements over a connection of their own; returns the first value of the first row, if any.</summary>
    public static object? Run(PostgresServer postgres, string sql)
    {
        using var connection = new NpgsqlConnection(postgres.ConnectionString);
        connection.Open();
#pragma warning disable CA2100
        using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
