using Npgsql;

namespace Penstock.Demo;

/// <summary>One of the concurrent writers: transactions of 1 to 20 inserts, updates and deletes on orders that all writers share.</summary>
sealed class OrderWriter(string connectionString, int seed, OrderBook book)
{
    const int MaxRows = 20;

    readonly Random _random = new(seed);

    public static async Task CreateTableAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand(
            """
            CREATE TABLE orders (
                id bigint PRIMARY KEY,
                status text NOT NULL,
                amount numeric(12,2) NOT NULL,
                version int NOT NULL,
                note text);
            ALTER TABLE orders REPLICA IDENTITY FULL;
            """,
            connection);
        await create.ExecuteNonQueryAsync();
    }

    /// <summary>Writes until the book's target is reached.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested && book.Claim(_random.Next(1, MaxRows + 1)) is var rows and > 0)
        {
            var committed = await WriteAsync(connection, rows);
            book.Committed(committed, rows);
        }
    }

    async Task<List<OrderChange>> WriteAsync(NpgsqlConnection connection, int rows)
    {
        var changes = new List<OrderChange>(rows);
        await using var transaction = await connection.BeginTransactionAsync();
        // Ascending ids: two writers that touch the same orders queue up and never deadlock.
        foreach (var order in book.Pick(_random, rows))
        {
            var kind = order.IsNew ? "insert" : _random.Next(10) == 0 ? "delete" : "update";
            await using var command = new NpgsqlCommand(Sql(kind), connection, transaction);
            command.Parameters.Add(new NpgsqlParameter<long>("id", order.Id));
            command.Parameters.Add(new NpgsqlParameter<string>("status", $"status {_random.Next(1000)}"));
            // No row: another writer deleted the order first.
            if (await command.ExecuteScalarAsync() is int version)
            {
                changes.Add(new OrderChange(order.Id, kind, version));
            }
        }

        await transaction.CommitAsync();
        return changes;
    }

    static string Sql(string kind) => kind switch
    {
        "insert" => "INSERT INTO orders (id, status, amount, version) VALUES (@id, @status, 9.90, 1) RETURNING version",
        "update" => "UPDATE orders SET status = @status, amount = amount + 0.10, version = version + 1 WHERE id = @id RETURNING version",
        _ => "DELETE FROM orders WHERE id = @id AND @status <> '' RETURNING version",
    };
}
