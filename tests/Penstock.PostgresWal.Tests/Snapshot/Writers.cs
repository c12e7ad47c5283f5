using System.Globalization;
using Npgsql;

namespace Penstock.PostgresWal.Tests;

/// <summary>
/// Applications that change a table while it is read. Each write gives its row a version that is higher than any before, so that whoever
/// sees one go down has seen an older row after a newer one.
/// </summary>
sealed class Writers(Database database, string table, int seed)
{
    const int Count = 3;
    const int Keys = 6000;

    long _transactions;

    /// <summary>The statements that make the table.</summary>
    public static string Create(string table) => $"""
        CREATE SEQUENCE {table}_version; CREATE TABLE {table} (id int PRIMARY KEY, version bigint NOT NULL, v text, big text);
        ALTER TABLE {table} ALTER big SET STORAGE EXTERNAL;
        INSERT INTO {table} SELECT n, nextval('{table}_version'), 'first', CASE WHEN n % 3 = 0 THEN repeat('b' || n, 800) END FROM generate_series(1, {Keys}) n
        """;

    public long Transactions => Interlocked.Read(ref _transactions);

    public bool Truncates { get; init; } = true;

    public Task RunAsync(CancellationToken end) => Task.WhenAll(Enumerable.Range(0, Count).Select(writer => Task.Run(() => RunAsync(writer, end), CancellationToken.None)));

    async Task RunAsync(int writer, CancellationToken end)
    {
        var random = new Random(seed + writer);
        await using var connection = await database.ConnectAsync();
        while (!end.IsCancellationRequested)
        {
            var statements = Enumerable.Range(0, random.Next(1, 8)).Select(_ => Statement(random, writer));
            var ends = random.Next(10) == 0 ? "ROLLBACK" : "COMMIT";
            try
            {
                await Database.ExecuteAsync(connection, $"BEGIN; {string.Join("; ", statements)}; {ends}");
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected)
            {
                await Database.ExecuteAsync(connection, "ROLLBACK");
            }

            Interlocked.Increment(ref _transactions);
        }
    }

    // Each writer has keys of its own: what it does to one is in its order.
    string Statement(Random random, int writer)
    {
        var key = (random.Next(Keys / Count) * Count) + writer + 1;
        var other = Keys + (random.Next(Keys) * Count) + writer + 1;
        var version = $"nextval('{table}_version')";
        return random.Next(Truncates && writer == 0 ? 300 : 299) switch
        {
            < 120 => $"UPDATE {table} SET version = {version}, v = 'changed' WHERE id = {key}",
            < 150 => $"UPDATE {table} SET version = {version}, big = repeat('c', {random.Next(5000).ToString(CultureInfo.InvariantCulture)}) WHERE id = {key}",
            < 200 => $"DELETE FROM {table} WHERE id = {key}",
            < 250 => $"INSERT INTO {table} VALUES ({key}, {version}, 'inserted', repeat('i', 3000)) ON CONFLICT (id) DO UPDATE SET version = {version}",
            < 275 => $"DELETE FROM {table} WHERE id = {other}; UPDATE {table} SET id = {other}, version = {version}, big = 'moved' WHERE id = {key}",
            < 299 => $"SAVEPOINT s; DELETE FROM {table} WHERE id = {key}; ROLLBACK TO s; UPDATE {table} SET version = {version} WHERE id = {key}",
            _ => $"TRUNCATE {table}; INSERT INTO {table} SELECT n * {Count} + {writer + 1}, {version}, 'after', repeat('t', 2500) FROM generate_series(1, 1500) n",
        };
    }
}
