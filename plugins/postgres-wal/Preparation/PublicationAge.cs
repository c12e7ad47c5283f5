using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Whether the publication was made behind where the slot stands. The server reads WAL with the catalog of its time: up to 17 it then fails, from 18 on
/// it sends nothing of what was committed before, and does not say so.
/// </summary>
static class PublicationAge
{
    // The row's last change, so that an ALTER PUBLICATION that sets options counts, too. And a new slot stands where the oldest of the others does: so the answer may be yes for one
    // that is in order.
    const string Query = """
        SELECT EXISTS (
            SELECT FROM pg_catalog.pg_publication p CROSS JOIN pg_catalog.pg_replication_slots s
            WHERE p.pubname = $1 AND s.slot_name = $2 AND s.catalog_xmin IS NOT NULL AND age(p.xmin) <= age(s.catalog_xmin))
        """;

    const int OldestThatSkips = 18;

    public static async ValueTask<bool> IsBehindSlotAsync(NpgsqlConnection connection, string publication, string slot, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Query, connection) { Parameters = { new() { Value = publication }, new() { Value = slot } } };
        await using var _ = command.ConfigureAwait(false);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>Whether the server may leave out, in silence, what a slot still has that nobody has read yet; an older one refuses.</summary>
    public static async ValueTask<bool> MayBeLeftOutAsync(NpgsqlConnection connection, PostgresWalOptions options, ServerFacts server, CancellationToken cancellationToken) =>
        server.Version >= OldestThatSkips && await IsBehindSlotAsync(connection, options.Publication, options.Slot, cancellationToken).ConfigureAwait(false);

    public static string Remedy(string slot) => $"SELECT pg_drop_replication_slot('{slot}');";
}
