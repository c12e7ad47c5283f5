namespace Penstock.PostgresWal.Tests;

/// <summary>A table as the database has it, in the form of <see cref="Copy.Rows"/>.</summary>
static class TableRows
{
    public static async Task<IReadOnlyList<string>> ReadAsync(Database database, string table)
    {
        await using var connection = await database.ConnectAsync();
        await Database.ExecuteAsync(connection, "SET TimeZone = 'UTC'; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 3");
        using var copy = await connection.BeginTextExportAsync($"COPY (SELECT * FROM {table}) TO STDOUT (DELIMITER '|')", TestContext.Current.CancellationToken);
        var text = await copy.ReadToEndAsync(TestContext.Current.CancellationToken);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Unescape).Order(StringComparer.Ordinal)];
    }

    static string Unescape(string line) => line
        .Replace("\\N", "∅", StringComparison.Ordinal)
        .Replace("\\\\", "\u0001\u0001", StringComparison.Ordinal)
        .Replace("\\n", "\n", StringComparison.Ordinal)
        .Replace("\\t", "\t", StringComparison.Ordinal)
        .Replace("\\r", "\r", StringComparison.Ordinal)
        .Replace("\\b", "\b", StringComparison.Ordinal)
        .Replace("\\f", "\f", StringComparison.Ordinal)
        .Replace("\\v", "\v", StringComparison.Ordinal)
        .Replace("\\|", "|", StringComparison.Ordinal)
        .Replace("\u0001\u0001", "\\", StringComparison.Ordinal);
}
