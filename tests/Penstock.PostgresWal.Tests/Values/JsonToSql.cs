using System.Text.Json;

namespace Penstock.PostgresWal.Tests.Values;

/// <summary>The way back that docs/postgres-types.md describes: a field of the event as a text that PostgreSQL reads as the column's type.</summary>
static class JsonToSql
{
    /// <summary>Null for SQL NULL.</summary>
    public static string? Text(JsonElement change, string column, string type)
    {
        var value = change.GetProperty("after").GetProperty(column);
        if (IsListed(change, "base64", column))
        {
            return value.ValueKind == JsonValueKind.Null ? null : $"\\x{Convert.ToHexString(value.GetBytesFromBase64())}";
        }

        if (type is "json" or "jsonb")
        {
            return IsListed(change, "nulls", column) ? null : value.GetRawText();
        }

        return value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText(),
        };
    }

    static bool IsListed(JsonElement change, string list, string column) =>
        change.TryGetProperty(list, out var names) && names.EnumerateArray().Any(name => name.ValueEquals(column));
}
