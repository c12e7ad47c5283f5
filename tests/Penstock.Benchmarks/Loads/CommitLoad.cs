using Npgsql;
using NpgsqlTypes;

namespace Penstock.Benchmarks.Loads;

/// <summary>Transactions of a few rows, each committed with the server's default durability, by writers that take turns.</summary>
sealed class CommitLoad(BenchPostgres postgres, int rowsPerCommit) : ILoad
{
    const int Writers = 8;
    const int NoteBytes = 100;

    public int PerSend => rowsPerCommit;

    public Task RunAsync(Pace pace, long first, long sends) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => LoadThread.Start(() => Write(pace, first, sends, writer))));

    void Write(Pace pace, long first, long sends, int writer)
    {
        Pace.Sharpen();
        using var connection = postgres.Open();
        using var insert = new NpgsqlCommand(
            $"INSERT INTO orders {OrdersTable.Rows("g", NoteBytes)} FROM generate_series($1, $2) g", connection);
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint });
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint });
        insert.Prepare();
        for (long send = writer; send < sends; send += Writers)
        {
            pace.Await(send);
            insert.Parameters[0].Value = first + (send * rowsPerCommit);
            insert.Parameters[1].Value = first + ((send + 1) * rowsPerCommit) - 1;
            insert.ExecuteNonQuery();
        }
    }
}
