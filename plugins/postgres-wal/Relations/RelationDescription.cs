namespace Penstock.Sources.PostgresWal;

/// <summary>How the server describes a table before its first row, and again after every change of it.</summary>
/// <param name="Id">The table's OID.</param>
/// <param name="Table">Its schema and name.</param>
/// <param name="HasFullIdentity">Whether old rows are sent whole: <c>REPLICA IDENTITY FULL</c>.</param>
/// <param name="Columns">The columns of its rows, in their order.</param>
sealed record RelationDescription(uint Id, TableName Table, bool HasFullIdentity, ColumnDescription[] Columns)
{
    // Flags, an empty name's end, type and its modifier.
    const int ShortestColumn = 1 + 1 + sizeof(uint) + sizeof(int);

    /// <param name="message">Stands after the type of a relation message.</param>
    public static RelationDescription Read(ref MessageReader message)
    {
        var id = message.ReadUInt32();
        var table = new TableName(message.ReadString(), message.ReadString());
        var hasFullIdentity = message.ReadByte() == 'f';
        var count = message.ReadUInt16();
        if (message.Remaining / ShortestColumn < count)
        {
            throw message.Malformed($"{count} columns", $"{message.Remaining} bytes");
        }

        var columns = new ColumnDescription[count];
        for (var i = 0; i < count; i++)
        {
            columns[i] = ReadColumn(ref message);
        }

        message.ExpectEnd();
        return new RelationDescription(id, table, hasFullIdentity, columns);
    }

    static ColumnDescription ReadColumn(ref MessageReader message)
    {
        const byte isIdentity = 1;
        var flags = message.ReadByte();
        var name = message.ReadString();
        var typeId = message.ReadUInt32();
        var modifier = message.ReadInt32();
        return new ColumnDescription(name, typeId, modifier, (flags & isIdentity) != 0);
    }
}
