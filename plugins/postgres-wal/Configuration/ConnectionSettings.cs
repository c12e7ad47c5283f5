using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>How to reach the server: for reading its catalog, and for replication.</summary>
sealed class ConnectionSettings
{
    // Values arrive as text, and text follows the role's settings unless the connection pins them.
    const string PinnedSettings =
        "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c bytea_output=hex -c extra_float_digits=3";

    const int SecondsToKeepAlive = 10;

    const string Utf8 = "UTF8";
    const string Unencoded = "SQL_ASCII";

    // One read of the socket then carries a few hundred rows; each read that waits costs a task and a timer.
    const int ReplicationBufferSize = 64 * 1024;

    readonly NpgsqlConnectionStringBuilder _builder;

    public ConnectionSettings(PostgresWalOptions options)
    {
        _builder = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Pooling = false,
            Enlist = false,
            Multiplexing = false,
            IncludeErrorDetail = false,
            Timezone = "UTC",
            // A regclass and its like are written with their schema unless it is in here.
            SearchPath = "pg_catalog",
            ClientEncoding = Utf8,
        };
        _builder.Options = string.IsNullOrEmpty(_builder.Options) ? PinnedSettings : $"{_builder.Options} {PinnedSettings}";
        _builder.ApplicationName ??= "penstock";
        if (!options.Password.IsEmpty)
        {
            _builder.Password = options.Password.Reveal();
        }
    }

    /// <summary>
    /// What text is to be sent in. A database in SQL_ASCII holds any bytes; asked for UTF-8, the server would check them and never get past a row
    /// that is something else.
    /// </summary>
    public static string ClientEncodingFor(string serverEncoding) => serverEncoding == Unencoded ? Unencoded : Utf8;

    /// <summary>The connection string for replication. It holds the password.</summary>
    public string Replication(string clientEncoding) => new NpgsqlConnectionStringBuilder(_builder.ConnectionString)
    {
        ClientEncoding = clientEncoding,
        CancellationTimeout = -1,
        ReadBufferSize = Math.Max(_builder.ReadBufferSize, ReplicationBufferSize),
    }.ConnectionString;

    /// <summary>Opens a connection for catalog queries.</summary>
    public ValueTask<NpgsqlConnection> OpenCatalogAsync(CancellationToken cancellationToken) => OpenAsync(_builder.ConnectionString, cancellationToken);

    /// <summary>
    /// Opens a connection for reading tables. The server may look for the next row for as long as it takes; a dead one is noticed by the network.
    /// </summary>
    public ValueTask<NpgsqlConnection> OpenTablesAsync(CancellationToken cancellationToken) => OpenAsync(
        new NpgsqlConnectionStringBuilder(_builder.ConnectionString)
        {
            CommandTimeout = 0,
            TcpKeepAlive = true,
            TcpKeepAliveTime = SecondsToKeepAlive,
            TcpKeepAliveInterval = SecondsToKeepAlive,
        }.ConnectionString,
        cancellationToken);

    static async ValueTask<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
