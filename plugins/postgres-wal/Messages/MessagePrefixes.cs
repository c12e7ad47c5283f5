namespace Penstock.Sources.PostgresWal;

/// <summary>Which logical messages become events, and how their rows look.</summary>
sealed class MessagePrefixes
{
    /// <summary>Of what this source itself writes; never an event.</summary>
    public const string Own = "penstock";

    static readonly RowSchema Schema = new(new RowField("message", FieldType.Text, isKey: false));

    readonly Dictionary<string, Relation> _wanted;

    public MessagePrefixes(IReadOnlyList<string> prefixes) =>
        _wanted = prefixes.ToDictionary(prefix => prefix, prefix => new Relation(prefix, isCaptured: true, hasFullIdentity: false, Schema, []), StringComparer.Ordinal);

    /// <summary>The messages of this prefix as if they were rows of a table; null when they are not wanted.</summary>
    public Relation? Find(string prefix) => _wanted.GetValueOrDefault(prefix);

    public static Row RowOf(ReadOnlySpan<byte> content)
    {
        var rows = new RowBuilder();
        rows.Begin(Schema);
        rows.Append(content);
        return rows.Build();
    }
}
