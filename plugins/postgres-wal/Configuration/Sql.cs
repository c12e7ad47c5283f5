namespace Penstock.Sources.PostgresWal;

static class Sql
{
    /// <summary>A name as an SQL identifier, whatever it contains.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>
    /// A publication's name for Npgsql, which puts it into <c>publication_names '"…"'</c> as it is: quoted once as an
    /// identifier and once as a string.
    /// </summary>
    public static string EscapePublication(string name) =>
        name.Replace("\"", "\"\"", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal);
}
