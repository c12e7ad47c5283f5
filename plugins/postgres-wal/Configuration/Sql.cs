namespace Penstock.Sources.PostgresWal;

static class Sql
{
    /// <summary>A name as an SQL identifier, whatever it contains.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text for between the quotes of an SQL string.</summary>
    public static string EscapeLiteral(string text) => text.Replace("'", "''", StringComparison.Ordinal);
}
