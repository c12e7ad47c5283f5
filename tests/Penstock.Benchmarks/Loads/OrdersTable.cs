namespace Penstock.Benchmarks.Loads;

/// <summary>The table that the WAL rows are about: six columns, about 150 bytes of text a row with the usual note.</summary>
static class OrdersTable
{
    public static void Create(BenchPostgres postgres) => postgres.Execute(
        $"""
        CREATE TABLE orders (
            id bigint PRIMARY KEY,
            customer bigint NOT NULL,
            status text NOT NULL,
            amount numeric(12,2) NOT NULL,
            placed_at timestamptz NOT NULL,
            note text NOT NULL);
        -- Filler compresses like nothing real does.
        ALTER TABLE orders ALTER COLUMN note SET STORAGE EXTERNAL;
        CREATE PUBLICATION {WalBacklog.Publication} FOR TABLE orders;
        """);

    /// <summary>The row of a number, as a SELECT without FROM.</summary>
    public static string Rows(string number, int noteBytes) =>
        $"SELECT {number}, {number} % 100000, 'status ' || {number} % 10, ({number} % 1000000) / 100.0, now(), "
        + $"rpad('bench:' || lpad(({number})::text, {Marker.Digits}, '0') || ':', {noteBytes}, 'x')";
}
