using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>Behind one address there may be several servers: what one of them sees says nothing of another's stream.</summary>
static class SameServer
{
    const string Query = "SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()), pg_catalog.pg_is_in_recovery()";

    /// <exception cref="PluginException">The connection leads elsewhere.</exception>
    public static async ValueTask CheckAsync(NpgsqlConnection connection, ServerIdentity stream)
    {
        var command = new NpgsqlCommand(Query, connection);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        var (systemId, isStandby) = (unchecked((ulong)reader.GetInt64(0)), reader.GetBoolean(1));
        if (stream.IsKnown && (systemId != stream.SystemId || isStandby != (stream.Timeline == 0)))
        {
            throw new PluginException(
                FailureKind.Transient,
                $"Tables would be read from another server than the stream: system identifier {systemId}{(isStandby ? ", a standby" : "")}, the stream comes from {stream.SystemId}"
                + $"{(stream.Timeline == 0 ? ", a standby" : "")}. Let \"connectionString\" lead to one server.");
        }
    }
}
