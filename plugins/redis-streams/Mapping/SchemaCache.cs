using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>The row schema of each set of field names. Most streams have one or two; the cache is bounded for those that do not.</summary>
sealed class SchemaCache
{
    const int MaxSchemas = 1024;

    readonly Dictionary<int, RowSchema> _schemas = [];
    RowSchema _last = new();

    /// <param name="fields">Names and values in turn.</param>
    public RowSchema Of(ReadOnlySpan<RespValue> fields)
    {
        if (Fits(_last, fields))
        {
            return _last;
        }

        var hash = default(HashCode);
        for (var i = 0; i < fields.Length; i += 2)
        {
            hash.AddBytes(fields[i].Span);
            hash.Add(i);
        }

        var key = hash.ToHashCode();
        if (!_schemas.TryGetValue(key, out var schema) || !Fits(schema, fields))
        {
            if (_schemas.Count >= MaxSchemas)
            {
                _schemas.Clear();
            }

            _schemas[key] = schema = Make(fields);
        }

        return _last = schema;
    }

    static bool Fits(RowSchema schema, ReadOnlySpan<RespValue> fields)
    {
        if (2 * schema.Count != fields.Length)
        {
            return false;
        }

        for (var i = 0; i < schema.Count; i++)
        {
            if (!schema[i].NameBytes.Span.SequenceEqual(fields[2 * i].Span))
            {
                return false;
            }
        }

        return true;
    }

    // The names are copied: a schema outlives the block that its first entry was read into.
    static RowSchema Make(ReadOnlySpan<RespValue> fields)
    {
        var schema = new RowField[fields.Length / 2];
        for (var i = 0; i < schema.Length; i++)
        {
            schema[i] = new RowField(fields[2 * i].Span.ToArray(), FieldType.Text, isKey: false);
        }

        return new RowSchema(schema);
    }
}
