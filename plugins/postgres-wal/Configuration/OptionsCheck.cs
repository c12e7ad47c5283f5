using System.Text;
using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>The rules that a JSON schema cannot express.</summary>
static class OptionsCheck
{
    // NAMEDATALEN - 1: the server would silently cut a longer name.
    const int MaxNameBytes = 63;

    public static void Run(PostgresWalOptions options, ConfigReport report)
    {
        CheckConnectionString(options.ConnectionString, report);
        if (!IsName(options.Publication))
        {
            report.Add("/publication", $"expected a name of 1 to {MaxNameBytes} bytes without NUL");
        }

        CheckMessages(options.Messages, report);
        var seen = new HashSet<TableName>();
        for (var i = 0; i < options.Tables.Count; i++)
        {
            if (!TableName.TryParse(options.Tables[i], out var table) || !IsName(table.Schema) || !IsName(table.Name))
            {
                report.Add($"/tables/{i}", $"expected \"schema.table\", each part 1 to {MaxNameBytes} bytes, found \"{options.Tables[i]}\"");
            }
            else if (!seen.Add(table))
            {
                report.Add($"/tables/{i}", $"\"{table}\" is listed twice; remove one");
            }
        }
    }

    static void CheckMessages(IReadOnlyList<string> prefixes, ConfigReport report)
    {
        for (var i = 0; i < prefixes.Count; i++)
        {
            if (prefixes[i] == MessagePrefixes.Own)
            {
                report.Add($"/messages/{i}", $"\"{MessagePrefixes.Own}\" is the prefix of what this source writes itself; choose another");
            }
            else if (prefixes[i].Contains('\0', StringComparison.Ordinal))
            {
                report.Add($"/messages/{i}", "expected a prefix without NUL");
            }
            else if (prefixes.Take(i).Contains(prefixes[i]))
            {
                report.Add($"/messages/{i}", $"\"{prefixes[i]}\" is listed twice; remove one");
            }
        }
    }

    // The parser's own message may quote a piece of a password, so it is not repeated.
    static void CheckConnectionString(string text, ConfigReport report)
    {
        try
        {
            var host = new NpgsqlConnectionStringBuilder(text).Host;
            if (host?.Contains(',', StringComparison.Ordinal) == true)
            {
                report.Add("/connectionString", $"expected one Host, found \"{host}\": a stream is read from one server; name one address that leads to the primary");
            }

            if (string.IsNullOrWhiteSpace(host))
            {
                report.Add("/connectionString", "expected a Host, such as Host=127.0.0.1;Port=5432;Database=shop;Username=penstock; found none");
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            report.Add(
                "/connectionString",
                "expected keyword=value pairs that Npgsql knows, separated by semicolons, such as Host=127.0.0.1;Port=5432; "
                + "found something else (not shown, it may hold a secret); a value with a semicolon needs quotes, a password belongs into \"password\"");
        }
    }

    static bool IsName(string name) =>
        !string.IsNullOrWhiteSpace(name) && Encoding.UTF8.GetByteCount(name) <= MaxNameBytes && !name.Contains('\0', StringComparison.Ordinal);
}
