using Npgsql;
using NpgsqlTypes;
using Penstock.Benchmarks.Loads;

namespace Penstock.Benchmarks.Soak.Loads;

/// <summary>Updates a fixed set of rows, over and over, in transactions with the server's default durability.</summary>
/// <remarks>The number n goes to row n modulo their count. A row always falls to the same writer, so its numbers commit in order.</remarks>
sealed class RowWriter(BenchPostgres postgres, Gate gate)
{
    public const int RowsPerCommit = 20;

    /// <summary>A multiple of what all writers update in one turn.</summary>
    public const int Rows = RowsPerCommit * Writers * 100;

    const int Writers = 4;
    const int NoteBytes = 100;

    long _sent;

    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>The table with all its rows, and room in each page for new versions of them: it does not grow.</summary>
    public static void Prepare(BenchPostgres postgres)
    {
        OrdersTable.Create(postgres);
        postgres.Execute("ALTER TABLE orders SET (fillfactor = 40)");
        postgres.Execute($"INSERT INTO orders {OrdersTable.Rows("g", NoteBytes)} FROM generate_series(0, {Rows - 1}) g");

        // What a benchmark's server switches off because a run is short is on again here.
        foreach (var setting in (string[])["autovacuum = on", "max_wal_size = '1GB'"])
        {
            postgres.Execute($"ALTER SYSTEM SET {setting}");
        }

        postgres.Execute("SELECT pg_reload_conf()");
    }

    public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => LoadThread.Start(() => Run(writer))));

    void Run(int writer)
    {
        using var connection = postgres.Open();

        // The planner takes a range for a thousand numbers, and would read the table for them.
        BenchPostgres.Execute(connection, "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off");
        using var update = new NpgsqlCommand(
            $"UPDATE orders SET placed_at = now(), note = rpad('bench:' || lpad(n::text, {Marker.Digits}, '0') || ':', {NoteBytes}, 'x') "
            + $"FROM generate_series($1, $2) n WHERE id = n % {Rows}",
            connection);
        update.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint });
        update.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint });
        update.Prepare();
        for (var first = (long)writer * RowsPerCommit; gate.Await(first, RowsPerCommit) > 0; first += Writers * RowsPerCommit)
        {
            update.Parameters[0].Value = first;
            update.Parameters[1].Value = first + RowsPerCommit - 1;
            if (update.ExecuteNonQuery() is var rows && rows != RowsPerCommit)
            {
                throw new MeasurementException($"a transaction updated {rows} rows, expected {RowsPerCommit}");
            }

            Interlocked.Add(ref _sent, RowsPerCommit);
        }
    }
}
