using System.Globalization;

namespace Penstock.Benchmarks.Loads;

/// <summary>Committed rows that wait behind a replication slot; every run reads them through a copy of the slot.</summary>
sealed class WalBacklog
{
    const string Base = "bench_base";

    readonly BenchPostgres _postgres;
    int _slots;

    WalBacklog(BenchPostgres postgres, long rows, int rowsPerTransaction)
    {
        _postgres = postgres;
        Rows = rows;
        Transactions = (rows + rowsPerTransaction - 1) / rowsPerTransaction;
        EndLsn = (string)postgres.Scalar("SELECT pg_current_wal_insert_lsn()::text")!;
    }

    public const string Publication = "bench";

    public const string Table = "public.orders";

    public long Rows { get; }

    public long Transactions { get; }

    /// <summary>Behind the last commit.</summary>
    public string EndLsn { get; }

    /// <summary>Makes the table, the publication, the slot, and then the rows.</summary>
    /// <param name="postgres">The server, without a backlog so far.</param>
    /// <param name="rows">How many.</param>
    /// <param name="rowsPerTransaction">How many are committed at a time.</param>
    /// <param name="noteBytes">Size of the column that is mostly filler; the other columns are about 50 bytes of text.</param>
    public static WalBacklog Prepare(BenchPostgres postgres, long rows, int rowsPerTransaction, int noteBytes = 100)
    {
        OrdersTable.Create(postgres);
        postgres.Execute($"SELECT pg_create_logical_replication_slot('{Base}', 'pgoutput')");

        // For this session only: what waits for no disk is written faster, and a checkpoint brings it to disk before anybody reads it.
        var select = OrdersTable.Rows("g", noteBytes);
        var loop = rowsPerTransaction == 1
            ? $"FOR g IN 1..{rows} LOOP INSERT INTO orders {select}; COMMIT; END LOOP;"
            : $"""
              FOR f IN 0..{(rows - 1) / rowsPerTransaction} LOOP
                INSERT INTO orders {select} FROM generate_series(f::bigint * {rowsPerTransaction} + 1, least((f::bigint + 1) * {rowsPerTransaction}, {rows})) g;
                COMMIT;
              END LOOP;
              """;
        using (var connection = postgres.Open())
        {
            BenchPostgres.Execute(connection, "SET synchronous_commit = off");
            BenchPostgres.Execute(connection, $"DO $$ BEGIN {loop} END $$");
        }

        var backlog = new WalBacklog(postgres, rows, rowsPerTransaction);
        postgres.Execute("CHECKPOINT");
        backlog.Verify();
        return backlog;
    }

    /// <summary>A slot that stands before the first row.</summary>
    public string NewSlot()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench_{++_slots}");
        _postgres.Execute($"SELECT pg_copy_logical_replication_slot('{Base}', '{name}')");
        return name;
    }

    /// <summary>Fails unless all that the backlog holds was confirmed and decoded, and drops the slot.</summary>
    /// <param name="slot">The slot of a run that ended.</param>
    /// <param name="plantedTransactions">One too many is to be expected, to show that it would be missed.</param>
    public void Finish(string slot, long plantedTransactions = 0)
    {
        var isConfirmed = (bool)_postgres.Scalar($"SELECT confirmed_flush_lsn >= '{EndLsn}' FROM pg_replication_slots WHERE slot_name = '{slot}'")!;
        var decoded = (long)_postgres.Scalar($"SELECT total_txns FROM pg_stat_replication_slots WHERE slot_name = '{slot}'")!;
        _postgres.Execute($"SELECT pg_drop_replication_slot('{slot}')");
        if (!isConfirmed || decoded != Transactions + plantedTransactions)
        {
            throw new MeasurementException(
                $"{slot}: decoded {decoded} transactions, expected {Transactions + plantedTransactions}; {(isConfirmed ? "" : "not ")}confirmed to {EndLsn}");
        }
    }

    // What pgoutput will send, counted once by the server itself: I is an insert, C a commit.
    void Verify()
    {
        var slot = NewSlot();
        var found = (string)_postgres.Scalar(
            $"""
            SELECT count(*) FILTER (WHERE get_byte(data, 0) = ascii('I')) || ' rows in ' || count(*) FILTER (WHERE get_byte(data, 0) = ascii('C'))
            FROM pg_logical_slot_peek_binary_changes('{slot}', '{EndLsn}', NULL, 'proto_version', '1', 'publication_names', '{Publication}')
            """)!;
        _postgres.Execute($"SELECT pg_drop_replication_slot('{slot}')");
        if (found != $"{Rows} rows in {Transactions}")
        {
            throw new MeasurementException($"the backlog has {found} transactions, expected {Rows} rows in {Transactions}");
        }
    }
}
