namespace Penstock.Sources.PostgresWal;

/// <summary>How the text of a PostgreSQL type is to be read, by the type's OID (pg_type.dat; fixed for built-in types).</summary>
static class FieldTypes
{
    public static FieldType Of(uint typeId) => typeId switch
    {
        16 => FieldType.Boolean,
        17 => FieldType.HexBytes,
        20 or 21 or 23 => FieldType.Integer,
        700 or 701 => FieldType.Float,
        114 or 3802 => FieldType.Json,
        1114 => FieldType.Timestamp,
        1184 => FieldType.TimestampTz,
        // numeric and money too: their digits must not pass through a binary float.
        _ => FieldType.Text,
    };
}
