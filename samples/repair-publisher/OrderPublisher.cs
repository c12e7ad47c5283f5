using Npgsql;

/// <summary>Changes an order and tells of it, so that no crash in between leaves a change untold.</summary>
sealed class OrderPublisher(string postgres, string redis)
{
    public async Task SetStatusAsync(long order, string status, Func<Task> afterCommit)
    {
        var message = Guid.NewGuid().ToString();
        await using var connection = new NpgsqlConnection(postgres);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var upsert = new NpgsqlCommand(
            "INSERT INTO orders VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET status = excluded.status", connection, transaction);
        upsert.Parameters.Add(new NpgsqlParameter { Value = order });
        upsert.Parameters.Add(new NpgsqlParameter { Value = status });
        await upsert.ExecuteNonQueryAsync();

        // Before the commit: from now on the message comes, whatever happens to this process. Should the transaction be rolled back, the reader looks at an order that
        // has not changed.
        using var streams = await RedisStreams.ConnectAsync(redis);
        await streams.AddAsync("orders-repair", ("message", message), ("order", $"{order}"));
        await transaction.CommitAsync();
        await afterCommit();

        // The same message without the delay. When it is lost, the other one repairs that.
        await streams.AddAsync("orders", ("message", message), ("order", $"{order}"));
    }
}
