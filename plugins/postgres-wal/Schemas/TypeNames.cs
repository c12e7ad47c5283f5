using System.Globalization;

namespace Penstock.Sources.PostgresWal;

/// <summary>Names of types for messages, by OID (pg_type.dat; fixed for built-in types).</summary>
static class TypeNames
{
    // Length or precision count from this on.
    const int ModifierOffset = 4;

    public static string Of(ColumnDescription column) => column.TypeId switch
    {
        16 => "boolean",
        17 => "bytea",
        20 => "bigint",
        21 => "smallint",
        23 => "integer",
        25 => "text",
        114 => "json",
        700 => "real",
        701 => "double precision",
        790 => "money",
        1042 => WithLength("character", column.TypeModifier),
        1043 => WithLength("character varying", column.TypeModifier),
        1082 => "date",
        1083 => "time",
        1114 => "timestamp",
        1184 => "timestamptz",
        1186 => "interval",
        1266 => "timetz",
        1700 => Numeric(column.TypeModifier),
        2950 => "uuid",
        3802 => "jsonb",
        var other => string.Create(CultureInfo.InvariantCulture, $"type {other}"),
    };

    static string WithLength(string name, int modifier) =>
        modifier < ModifierOffset ? name : string.Create(CultureInfo.InvariantCulture, $"{name}({modifier - ModifierOffset})");

    static string Numeric(int modifier) => modifier < ModifierOffset
        ? "numeric"
        : string.Create(CultureInfo.InvariantCulture, $"numeric({((modifier - ModifierOffset) >> 16) & 0xFFFF},{(short)((modifier - ModifierOffset) << 5) >> 5})");
}
