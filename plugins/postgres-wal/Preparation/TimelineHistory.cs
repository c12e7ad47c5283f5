using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>Where a server's timelines branched off.</summary>
static class TimelineHistory
{
    /// <summary>Asks the server where it left a timeline for a newer one.</summary>
    /// <remarks>
    /// The protocol's own TIMELINE_HISTORY needs no right beyond replication, but Npgsql 10 cannot read the answer of PostgreSQL 15 and later: it expects bytes, and gets text.
    /// </remarks>
    /// <returns>Null when the newer one does not come from it.</returns>
    /// <exception cref="PluginException">The role may not read it, so that nobody knows what is missing.</exception>
    public static async ValueTask<ulong?> EndOfAsync(NpgsqlConnection connection, uint timeline, uint newer, string role, CancellationToken cancellationToken)
    {
        var file = $"pg_wal/{newer:X8}.history";
        var command = new NpgsqlCommand("SELECT pg_catalog.pg_read_file($1)", connection) { Parameters = { new() { Value = file } } };
        await using var _ = command.ConfigureAwait(false);
        try
        {
            return EndOf((string)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!, timeline);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedFile)
        {
            throw new PluginException(
                FailureKind.PositionLost,
                $"The checkpoint is of timeline {timeline}, found timeline {newer}: a replica took over, or a backup was restored, and whether it had everything that was "
                + $"delivered is not known, because role \"{role}\" cannot read {file} ({e.MessageText}). GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO {Sql.Quote(role)}; "
                + "then start again.",
                e);
        }
    }

    /// <summary>Reads a history file: a line for each earlier timeline, its number, its end and why, apart by tabs.</summary>
    public static ulong? EndOf(string history, uint timeline)
    {
        foreach (var line in history.Split('\n'))
        {
            if (line.Split('\t', StringSplitOptions.TrimEntries) is [var number, var end, ..]
                && uint.TryParse(number, CultureInfo.InvariantCulture, out var found) && found == timeline
                && NpgsqlLogSequenceNumber.TryParse(end, out var lsn))
            {
                return (ulong)lsn;
            }
        }

        return null;
    }
}
