namespace Penstock.Runtime.DeadLetters;

/// <summary>
/// A row byte for byte. The event's JSON is for people and keeps what JSON can say; a sink that looks at types and values
/// must get the same row from a replay as it would have got from the source.
/// </summary>
static class RowBytes
{
    public static byte[] Write(Row row)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write7BitEncodedInt(row.Count);
        for (var i = 0; i < row.Count; i++)
        {
            var field = row.Schema[i];
            WriteBlock(writer, field.NameBytes.Span);
            writer.Write((byte)field.Type);
            writer.Write(field.IsKey);
            writer.Write((byte)row.GetState(i));
            if (row.GetState(i) == FieldState.Present)
            {
                WriteBlock(writer, row[i]);
            }
        }

        writer.Flush();
        return bytes.ToArray();
    }

    /// <exception cref="FormatException">The bytes are no row.</exception>
    public static Row Read(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            var (fields, values) = ReadFields(reader);
            return reader.BaseStream.Position == bytes.Length ? Build(fields, values) : throw new FormatException("bytes are left over");
        }
        catch (Exception wrong) when (wrong is EndOfStreamException or ArgumentException or OverflowException)
        {
            throw new FormatException("the row is cut short", wrong);
        }
    }

    static (List<RowField> Fields, List<(FieldState State, byte[] Value)> Values) ReadFields(BinaryReader reader)
    {
        var fields = new List<RowField>();
        var values = new List<(FieldState State, byte[] Value)>();
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            fields.Add(new RowField(ReadBlock(reader), Defined((FieldType)reader.ReadByte()), reader.ReadBoolean()));
            var state = Defined((FieldState)reader.ReadByte());
            values.Add((state, state == FieldState.Present ? ReadBlock(reader) : []));
        }

        return (fields, values);
    }

    static Row Build(IReadOnlyList<RowField> fields, IReadOnlyList<(FieldState State, byte[] Value)> values)
    {
        var builder = new RowBuilder();
        builder.Begin(new RowSchema(fields));
        foreach (var (state, value) in values)
        {
            if (state == FieldState.Present)
            {
                builder.Append(value);
            }
            else
            {
                builder.Append(state);
            }
        }

        return builder.Build();
    }

    static void WriteBlock(BinaryWriter writer, ReadOnlySpan<byte> block)
    {
        writer.Write7BitEncodedInt(block.Length);
        writer.Write(block);
    }

    static byte[] ReadBlock(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        return length >= 0 && length <= left ? reader.ReadBytes(length) : throw new EndOfStreamException();
    }

    static TEnum Defined<TEnum>(TEnum value)
        where TEnum : struct, Enum => Enum.IsDefined(value) ? value : throw new FormatException($"{value} is no {typeof(TEnum).Name}");
}
