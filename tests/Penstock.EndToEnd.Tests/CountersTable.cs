using Npgsql;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>A table of counters. A change raises one by one, so that (id, n) names a change and n is its place in commit order.</summary>
sealed class CountersTable
{
    public const int Counters = 500;

    readonly PostgresServer _postgres;

    public CountersTable(PostgresServer postgres)
    {
        _postgres = postgres;
        Execute(
            $"""
            CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL);
            INSERT INTO counters SELECT id, 0 FROM generate_series(1, {Counters}) id;
            """);
    }

    /// <summary>How often each counter was raised, by the database.</summary>
    public Dictionary<int, int> Committed()
    {
        var counters = new Dictionary<int, int>();
        using var connection = Open();
        using var command = new NpgsqlCommand("SELECT id, n FROM counters WHERE n > 0", connection);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            counters.Add(reader.GetInt32(0), reader.GetInt32(1));
        }

        return counters;
    }

    public long Number(string sql) => (long)Scalar(sql)!;

    public string Text(string sql) => (string)Scalar(sql)!;

    public void Execute(string sql)
    {
        // Millions of rows, beside whatever else the machine does.
        const int timeoutSeconds = 180;
        using var connection = Open();
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = timeoutSeconds };
        command.ExecuteNonQuery();
    }

    object? Scalar(string sql)
    {
        using var connection = Open();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }

    NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(_postgres.ConnectionString);
        connection.Open();
        return connection;
    }
}
