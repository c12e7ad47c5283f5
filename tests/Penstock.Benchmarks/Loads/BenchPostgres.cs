using System.Globalization;
using Npgsql;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Loads;

/// <summary>A PostgreSQL with the durability it has by default.</summary>
sealed class BenchPostgres : IDisposable
{
    // What a test server switches off is on again. A checkpoint in the middle of a run, or a vacuum, would be noise.
    static readonly string[] Settings = ["fsync = on", "full_page_writes = on", "shared_buffers = 128MB", "max_wal_size = 16GB", "autovacuum = off"];

    /// <summary>Its path would become too long where the repository lies deep; everybody connects by TCP.</summary>
    public const string NoUnixSocket = "unix_socket_directories = ''";

    readonly PostgresServer _server = PostgresServer.Start([.. Settings, NoUnixSocket]);

    public BenchPostgres() =>
        Postmaster = int.Parse(((string)Scalar("SELECT pg_read_file('postmaster.pid')")!).Split('\n')[0], CultureInfo.InvariantCulture);

    public static IReadOnlyList<string> StatedSettings => Settings;

    public PostgresServer Server => _server;

    public int Postmaster { get; }

    /// <summary>Runs a statement in a session of its own, so that what it sets ends with it.</summary>
    public void Execute(string sql)
    {
        using var connection = Open();
        Execute(connection, sql);
    }

    public object? Scalar(string sql)
    {
        using var connection = Open();
        using var command = Command(connection, sql);
        return command.ExecuteScalar();
    }

    public NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(_server.ConnectionString);
        connection.Open();
        return connection;
    }

    public static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    public void Dispose() => _server.Dispose();

    // The statements are put together from this program's own numbers and names.
#pragma warning disable CA2100
    static NpgsqlCommand Command(NpgsqlConnection connection, string sql) => new(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
}
