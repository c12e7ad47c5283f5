using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>How to reach the server: for reading its catalog, and for replication.</summary>
sealed class ConnectionSettings
{
    // Values arrive as text, and text follows the role's settings unless the connection pins them.
    const string PinnedSettings =
        "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c bytea_output=hex -c extra_float_digits=3";

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
            ClientEncoding = "UTF8",
        };
        _builder.Options = string.IsNullOrEmpty(_builder.Options) ? PinnedSettings : $"{_builder.Options} {PinnedSettings}";
        _builder.ApplicationName ??= "penstock";
        if (!options.Password.IsEmpty)
        {
            _builder.Password = options.Password.Reveal();
        }

        Replication = new NpgsqlConnectionStringBuilder(_builder.ConnectionString)
        {
            CancellationTimeout = -1,
            ReadBufferSize = Math.Max(_builder.ReadBufferSize, ReplicationBufferSize),
        }.ConnectionString;
    }

    /// <summary>The connection string for replication. It holds the password.</summary>
    public string Replication { get; }

    /// <summary>Opens a connection for catalog queries.</summary>
    public async ValueTask<NpgsqlConnection> OpenCatalogAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_builder.ConnectionString);
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
