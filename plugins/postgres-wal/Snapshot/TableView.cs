using Npgsql;
using NpgsqlTypes;

namespace Penstock.Sources.PostgresWal;

/// <summary>A table as a transaction sees it, and what that transaction sees.</summary>
/// <param name="Snapshot">The transactions whose changes are in the rows.</param>
/// <param name="Lsn">The commits of all these lie before it.</param>
/// <param name="BlockSize">Of the WAL's pages.</param>
/// <param name="At">When it was taken, by the server's clock.</param>
/// <param name="Id">The table's OID.</param>
/// <param name="IsPartitioned">Whether its rows are in its partitions.</param>
/// <param name="EstimatedRows">As the planner has it; 0 when it does not know.</param>
/// <param name="Blocks">The size of its largest part.</param>
/// <param name="Storage">Another one when its rows have other places.</param>
/// <param name="Filter">The publication's condition for rows; null for none.</param>
/// <param name="Columns">Its columns, in their order.</param>
sealed record TableView(
    TransactionSnapshot Snapshot, ulong Lsn, uint BlockSize, DateTimeOffset At, uint Id, bool IsPartitioned, long EstimatedRows, long Blocks, string Storage, string? Filter,
    IReadOnlyList<TableColumn> Columns)
{
    // Row filters, column lists and the columns that a publication sends; the view names generated ones that it does not, before they can be.
    const int OldestWithLists = 15;
    const int OldestWithGenerated = 18;

    // As the stream's key: the index of the identity, else the primary key. indkey also lists INCLUDE columns; int2vector counts from 0.
    const string Head = """
        SELECT pg_catalog.pg_current_snapshot()::text, pg_catalog.pg_is_in_recovery(),
               CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_insert_lsn() END,
               current_setting('wal_block_size')::int8, pg_catalog.now(), c.oid, c.relkind = 'p', greatest(c.reltuples, 0)::int8,
               (SELECT coalesce(max(pg_catalog.pg_relation_size(part.relid)), 0)
                FROM (SELECT c.oid AS relid UNION ALL SELECT relid FROM pg_catalog.pg_partition_tree(c.oid) WHERE c.relkind = 'p') part) / current_setting('block_size')::int8,
               (SELECT string_agg(pg_catalog.pg_relation_filenode(part.relid)::text, ',' ORDER BY part.relid)
                FROM (SELECT c.oid AS relid UNION SELECT relid FROM pg_catalog.pg_partition_tree(c.oid) WHERE c.relkind = 'p') part),
               a.attcollation, a.attname::text, a.atttypid, pg_catalog.format_type(a.atttypid, a.atttypmod),
               coalesce(pg_catalog.array_position((k.indkey::int2[])[0:k.indnkeyatts - 1], a.attnum), 0),
               (SELECT quote_ident(opn.nspname)
                FROM pg_catalog.pg_opclass oc
                JOIN pg_catalog.pg_amop am ON am.amopfamily = oc.opcfamily AND am.amopstrategy = 5 AND am.amoplefttype = oc.opcintype AND am.amoprighttype = oc.opcintype
                JOIN pg_catalog.pg_operator op ON op.oid = am.amopopr
                JOIN pg_catalog.pg_namespace opn ON opn.oid = op.oprnamespace
                WHERE oc.oid = (k.indclass::oid[])[pg_catalog.array_position((k.indkey::int2[])[0:k.indnkeyatts - 1], a.attnum) - 1] AND opn.nspname <> 'pg_catalog'),
        """;

    const string Tail = """
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN LATERAL (
            SELECT i.indkey, i.indclass, i.indnkeyatts
            FROM pg_catalog.pg_index i
            WHERE i.indrelid = c.oid AND (i.indisprimary OR (c.relreplident = 'i' AND i.indisreplident))
            ORDER BY c.relreplident = 'i' AND i.indisreplident DESC
            LIMIT 1) k ON true
        """;

    const string End = """
        WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')
        ORDER BY a.attnum
        """;

    const string Lists = "a.attname = ANY (p.attnames) AND a.attgenerated = '', p.rowfilter";

    const string GeneratedLists = "a.attname = ANY (p.attnames), p.rowfilter";

    // Without lists a publication sends all that is not generated.
    const string NoLists = "a.attgenerated = '' AND $3 <> '', NULL::text";

    const string Publication = "LEFT JOIN pg_catalog.pg_publication_tables p ON p.pubname = $3 AND p.schemaname = $1 AND p.tablename = $2";

    /// <summary>The query; its parameters are schema, name and publication.</summary>
    public static string Query(int server) =>
        server >= OldestWithLists ? $"{Head}\n{(server >= OldestWithGenerated ? GeneratedLists : Lists)}\n{Tail}\n{Publication}\n{End}" : $"{Head}\n{NoLists}\n{Tail}\n{End}";

    /// <summary>Null when there is no such table.</summary>
    public static async ValueTask<TableView?> ReadAsync(NpgsqlDataReader reader)
    {
        TableView? view = null;
        var columns = new List<TableColumn>();
        while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            view ??= new TableView(
                TransactionSnapshot.Parse(reader.GetString(0), reader.GetBoolean(1)),
                (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(2),
                (uint)reader.GetInt64(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetFieldValue<uint>(5),
                reader.GetBoolean(6),
                reader.GetInt64(7),
                reader.GetInt64(8),
                reader.IsDBNull(9) ? "" : reader.GetString(9),
                reader.IsDBNull(17) ? null : reader.GetString(17),
                columns);
            columns.Add(new TableColumn(
                reader.GetString(11),
                reader.GetFieldValue<uint>(12),
                reader.GetString(13),
                reader.GetInt32(14),
                !reader.IsDBNull(16) && reader.GetBoolean(16),
                reader.GetFieldValue<uint>(10),
                reader.IsDBNull(15) ? null : reader.GetString(15)));
        }

        return view;
    }

    /// <summary>
    /// What a stream has to reach before it has told all that is seen here. Behind the header of a page (24 bytes, 40 in a segment's first)
    /// nothing may be written yet, and an idle server's stream ends at the page's start; no record ends there that begins in the page.
    /// </summary>
    public ulong Reach => Lsn % BlockSize <= 40 ? Lsn - (Lsn % BlockSize) : Lsn;
}
