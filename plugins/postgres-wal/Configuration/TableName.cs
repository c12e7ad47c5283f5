namespace Penstock.Sources.PostgresWal;

/// <summary>A table as the catalog spells it.</summary>
readonly record struct TableName(string Schema, string Name)
{
    /// <summary>Splits at the first dot; both parts are taken literally.</summary>
    public static bool TryParse(string text, out TableName table)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        table = dot > 0 && dot < text.Length - 1 ? new TableName(text[..dot], text[(dot + 1)..]) : default;
        return table != default;
    }

    public static TableName Parse(string text) =>
        TryParse(text, out var table)
            ? table
            : throw new PluginException(FailureKind.Permanent, $"Expected a table as \"schema.table\", found \"{text}\"; correct \"tables\".");

    /// <summary>The name as SQL.</summary>
    public string Quoted => $"{Sql.Quote(Schema)}.{Sql.Quote(Name)}";

    public override string ToString() => $"{Schema}.{Name}";
}
