using System.Text;

namespace Penstock.MicroBenchmarks.Samples;

/// <summary>Seeded rows of an ordinary table, in PostgreSQL's text format: seven columns, about 110 bytes.</summary>
sealed class OrderRows
{
    public const int Seed = 20_261_121;

    readonly Random _random = new(Seed);

    public static (string Name, uint TypeId, FieldType Type)[] Columns { get; } =
    [
        ("id", 20, FieldType.Integer),
        ("customer", 23, FieldType.Integer),
        ("status", 25, FieldType.Text),
        ("amount", 1700, FieldType.Text),
        ("is_paid", 16, FieldType.Boolean),
        ("placed_at", 1184, FieldType.TimestampTz),
        ("note", 25, FieldType.Text),
    ];

    public static RowSchema Schema { get; } = new([.. Columns.Select(column => new RowField(column.Name, column.Type, column.Name == "id"))]);

    /// <summary>The next row's values.</summary>
    public byte[][] Next() =>
    [
        Text($"{_random.Next(100_000)}"),
        Text($"{_random.Next(1_000_000)}"),
        Text(_random.Next(2) == 0 ? "new" : "shipped"),
        Text($"{_random.Next(10_000)}.{_random.Next(10, 100)}"),
        Text(_random.Next(2) == 0 ? "t" : "f"),
        Text($"2026-11-20 21:14:{_random.Next(10, 60)}.{_random.Next(100_000, 1_000_000)}+00"),
        Text(new string((char)('a' + _random.Next(26)), _random.Next(30, 60))),
    ];

    static byte[] Text(string value) => Encoding.UTF8.GetBytes(value);
}
