using Microsoft.Extensions.Logging;
using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Writes a small transaction into the WAL when the stream has been quiet, so that there is a place to confirm: where logical messages are read, what
/// the server has passed may be the beginning of one that has not arrived.
/// </summary>
sealed class Heartbeat(ConnectionSettings settings, TimeSpan interval, TimeProvider time, ILogger logger, string slot)
{
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);

    long _last = time.GetTimestamp();
    bool _isRefused;
    Task _beating = Task.CompletedTask;

    /// <summary>A new connection: a right may have been granted since, or the server promoted.</summary>
    public void Begin() => _isRefused = false;

    /// <summary>Nothing came for a while. Returns at once.</summary>
    /// <exception cref="PluginException">The server is stopping: it waits until we are gone.</exception>
    public void Quiet(CancellationToken end)
    {
        if (_beating.IsFaulted)
        {
            // Once: the next connection is another matter.
            var beating = _beating;
            _beating = Task.CompletedTask;
            beating.GetAwaiter().GetResult();
        }

        if (!_isRefused && _beating.IsCompleted && time.GetElapsedTime(_last) >= interval)
        {
            _last = time.GetTimestamp();
            _beating = BeatAsync(end);
        }
    }

    async Task BeatAsync(CancellationToken end)
    {
        try
        {
            var connection = await settings.OpenCatalogAsync(end).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            var command = new NpgsqlCommand("SELECT pg_catalog.pg_logical_emit_message(true, $1, '')", connection) { Parameters = { new() { Value = MessagePrefixes.Own } } };
            await using var __ = command.ConfigureAwait(false);
            await command.ExecuteNonQueryAsync(end).ConfigureAwait(false);
        }
        catch (PostgresException e) when (IsRefusal(e))
        {
            _isRefused = true;
            Log.HeartbeatRefused(logger, slot, e.MessageText);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown)
        {
            throw new PluginException(FailureKind.Transient, "The server is stopping, and waits until nobody reads its WAL any more.", e);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or IOException or TimeoutException or System.Net.Sockets.SocketException)
        {
            // The next one comes.
        }
    }

    // A standby says that it cannot number the transaction, and calls that an internal error.
    static bool IsRefusal(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InsufficientPrivilege
        || (error.SqlState == PostgresErrorCodes.InternalError && error.MessageText.Contains("during recovery", StringComparison.Ordinal));
}
