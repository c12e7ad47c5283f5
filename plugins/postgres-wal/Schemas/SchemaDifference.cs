namespace Penstock.Sources.PostgresWal;

/// <summary>Says in words how a table's shape changed.</summary>
static class SchemaDifference
{
    public static string Describe(Relation? before, Relation after) =>
        before is null ? $"it changed while nobody read; it now has {string.Join(", ", after.Columns.Select(Show))}; key {Key(after)}" : Compare(before, after);

    static string Compare(Relation before, Relation after)
    {
        var old = before.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        var parts = new List<string>();
        foreach (var column in after.Columns)
        {
            if (!old.Remove(column.Name, out var was))
            {
                parts.Add($"added {Show(column)}");
            }
            else if (was.TypeId != column.TypeId || was.TypeModifier != column.TypeModifier)
            {
                parts.Add($"{column.Name} is {TypeNames.Of(column)}, was {TypeNames.Of(was)}");
            }
        }

        parts.AddRange(old.Keys.Select(name => $"dropped {name}"));
        if (Key(before) != Key(after))
        {
            parts.Add($"key {Key(after)}, was {Key(before)}");
        }

        if (Identity(before) != Identity(after))
        {
            parts.Add($"old rows come with {Identity(after)}, came with {Identity(before)}");
        }

        return parts.Count > 0 ? string.Join("; ", parts) : "the order of its columns changed";
    }

    static string Show(ColumnDescription column) => $"{column.Name} {TypeNames.Of(column)}";

    static string Key(Relation relation) => $"({string.Join(", ", relation.Columns.Where((_, i) => relation.Schema[i].IsKey).Select(column => column.Name))})";

    static string Identity(Relation relation) =>
        relation.HasFullIdentity ? "every column" : $"({string.Join(", ", relation.Columns.Where(column => column.IsIdentity).Select(column => column.Name))})";
}
