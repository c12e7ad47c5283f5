using System.Buffers.Binary;

namespace Penstock.Sources.PostgresWal;

/// <summary>A table as it was when the server described it. Immutable.</summary>
sealed class Relation(string subject, bool isCaptured, RowSchema schema, bool[] identity)
{
    readonly int[] _key = [.. Enumerable.Range(0, schema.Count).Where(i => schema[i].IsKey)];

    public string Subject { get; } = subject;

    /// <summary>Whether the table is configured; changes of others are counted and dropped.</summary>
    public bool IsCaptured { get; } = isCaptured;

    public RowSchema Schema { get; } = schema;

    /// <summary>Whether the server sends this field of an old row that it identifies by its key only.</summary>
    public bool IsIdentity(int field) => identity[field];

    public bool HasSameShape(Relation other)
    {
        var same = Subject == other.Subject && Schema.Count == other.Schema.Count;
        for (var i = 0; same && i < Schema.Count; i++)
        {
            same = Schema[i].Name == other.Schema[i].Name && Schema[i].Type == other.Schema[i].Type
                && Schema[i].IsKey == other.Schema[i].IsKey && IsIdentity(i) == other.IsIdentity(i);
        }

        return same;
    }

    /// <summary>The key's bytes: the value of a single field; of several, each value after its length, so that no two keys meet.</summary>
    public ReadOnlyMemory<byte> KeyOf(Row row) => _key.Length switch
    {
        0 => default,
        1 => row.GetMemory(_key[0]),
        _ => Join(row),
    };

    public bool HasSameKey(Row before, Row after)
    {
        foreach (var i in _key)
        {
            if (before.GetState(i) != after.GetState(i) || !before[i].SequenceEqual(after[i]))
            {
                return false;
            }
        }

        return true;
    }

    byte[] Join(Row row)
    {
        var length = 0;
        foreach (var i in _key)
        {
            length += sizeof(int) + row[i].Length;
        }

        var key = new byte[length];
        var rest = key.AsSpan();
        foreach (var i in _key)
        {
            var value = row[i];
            BinaryPrimitives.WriteInt32BigEndian(rest, value.Length);
            value.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + value.Length)..];
        }

        return key;
    }
}
