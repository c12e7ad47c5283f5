namespace Penstock.Sources.PostgresWal;

/// <summary>Copies a message's values into the blocks that rows share.</summary>
sealed class TupleReader
{
    readonly RowBuilder _rows = new();

    /// <summary>Reads a whole row.</summary>
    /// <param name="message">Stands at the row.</param>
    /// <param name="relation">Its table.</param>
    /// <param name="before">The row as it was, for key values that the server leaves out because they did not change.</param>
    public Row ReadRow(ref MessageReader message, Relation relation, Row? before = null)
    {
        var count = Begin(ref message, relation);
        for (var field = 0; field < count; field++)
        {
            var kind = message.ReadByte();
            if (kind == 'u' && relation.Schema[field].IsKey && before is { } old && old.GetState(field) == FieldState.Present)
            {
                _rows.Append(old[field]);
            }
            else
            {
                Append(ref message, kind);
            }
        }

        return _rows.Build();
    }

    /// <summary>Reads an old row of which only the identity's fields mean anything: the server sends NULL for all others.</summary>
    public Row ReadKey(ref MessageReader message, Relation relation)
    {
        var count = Begin(ref message, relation);
        for (var field = 0; field < count; field++)
        {
            var kind = message.ReadByte();
            if (relation.IsIdentity(field))
            {
                Append(ref message, kind);
            }
            else
            {
                Skip(ref message, kind);
                _rows.Append(FieldState.Absent);
            }
        }

        return _rows.Build();
    }

    int Begin(ref MessageReader message, Relation relation)
    {
        var count = message.ReadUInt16();
        if (count != relation.Schema.Count)
        {
            throw message.Malformed($"the {relation.Schema.Count} columns of {relation.Subject}", $"{count}");
        }

        _rows.Begin(relation.Schema);
        return count;
    }

    void Append(ref MessageReader message, byte kind)
    {
        switch (kind)
        {
            case (byte)'t':
                _rows.Append(message.ReadBytes(message.ReadInt32()));
                break;
            case (byte)'n':
                _rows.Append(FieldState.Null);
                break;
            case (byte)'u':
                _rows.Append(FieldState.Unchanged);
                break;
            default:
                throw Unexpected(message, kind);
        }
    }

    static void Skip(ref MessageReader message, byte kind)
    {
        switch (kind)
        {
            case (byte)'t':
                message.ReadBytes(message.ReadInt32());
                break;
            case (byte)'n' or (byte)'u':
                break;
            default:
                throw Unexpected(message, kind);
        }
    }

    // Binary values ('b') are sent to those who ask for them.
    static PluginException Unexpected(MessageReader message, byte kind) =>
        message.Malformed("a value of kind 't', 'n' or 'u'", MessageReader.Name(kind));
}
