using FsCheck;
using FsCheck.Fluent;
using static Penstock.Sdk.Tests.Json;

namespace Penstock.Sdk.Tests;

/// <summary>Events of every shape the format has to bear, well-formed and not.</summary>
static class EventGen
{
    static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Elements("", "a", "paid", "\u20ac", "\U0001F600", "\n", "\0", "\u2028", "\"\\/<>&'+", "<null>", "@", "a b", "\u007f\u0085", "{\"base64\":\"eA==\"}"),
        ArbMap.Default.ArbFor<NonNull<string>>().Generator.Select(text => Scrub(text.Get)));

    static readonly Gen<byte[]> Bytes = Gen.OneOf(
        Texts.Select(Utf8),
        ArbMap.Default.ArbFor<byte[]>().Generator.Where(bytes => bytes is not null));

    static readonly Gen<byte[]> Wellformed = Gen.Elements(
        "0", "-7", "9223372036854775807", "1.50", "-1e-7", "NaN", "-Infinity", "t", "f", "null", "true", "[ 1, 2 ]", "{\"a\" : [ {} , \"x y\" ]}", "\"caf\\u00e9\"", "\"\\ud800\"",
        "\"\\/\"", "\"\u00e9\"", "\"\u2028\"", "2026-11-20 21:14:00.5+00", "2026-11-20 21:14:00", "0044-03-15 12:00:00 BC", "infinity", "\\x00ff", "\\x", "1.0E+2", "{\"a\":1,\"a\":2}").Select(Utf8);

    static readonly Gen<byte[]> Names = Gen.OneOf(
        Gen.Elements("a", "b", "c", "id", "base64", "\n", "\"", "\u2028", "").Select(Utf8), Gen.Elements("k1", "k2", "k3", "k4", "k5", "k6").Select(Utf8), Gen.Constant<byte[]>([0xFF, 0xFE]));

    static readonly Gen<RowField> Fields =
        from name in Gen.Frequency((20, Names.Where(name => name.Length == 0 || name[0] != 0xFF)), (1, Names))
        from type in Gen.Choose((int)FieldType.Text, (int)FieldType.Bytes)
        from isKey in Gen.Elements(true, false, false)
        select new RowField(name, (FieldType)type, isKey);

    static readonly Gen<RowSchema> Schemas =
        from fields in Gen.Choose(0, 5).SelectMany(count => Fields.ListOf(count))
        from distinct in Gen.Frequency((9, Gen.Constant(true)), (1, Gen.Constant(false)))
        select new RowSchema([.. distinct ? fields.DistinctBy(field => field.Name) : fields]);

    static readonly Gen<(FieldState State, byte[] Value)> Values =
        from state in Gen.Elements(FieldState.Present, FieldState.Present, FieldState.Present, FieldState.Null, FieldState.Unchanged, FieldState.Absent)
        from value in Gen.OneOf(Wellformed, Bytes)
        select (state, value);

    static readonly Gen<SourcePosition> Positions =
        from partition in Gen.OneOf(Gen.Constant(""), Texts)
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, 3)
        select new SourcePosition(partition, SourcePosition.Compose((ulong)high, (ulong)low << 32 | (uint)(low / 2)));

    public static Arbitrary<ChangeEvent> Events { get; } = (
        from schema in Schemas
        from otherSchema in Gen.OneOf(Gen.Constant(schema), Schemas)
        from after in Rows(schema)
        from before in Rows(otherSchema)
        from key in Gen.OneOf(Gen.Constant<byte[]>([]), Bytes)
        from position in Positions
        from subject in Texts
        from kind in Gen.Choose((int)ChangeKind.Insert, (int)ChangeKind.Snapshot)
        from ticks in Gen.Choose(0, int.MaxValue)
        from headers in Texts.ListOf()
        select Build(kind, subject, position, key, before, after, ticks, headers)).ToArbitrary();

    static Gen<Row?> Rows(RowSchema schema) =>
        from values in Values.ListOf(schema.Count)
        from isThere in Gen.Elements(true, true, false)
        select isThere ? Build(schema, [.. values]) : (Row?)null;

    static Row Build(RowSchema schema, (FieldState State, byte[] Value)[] values)
    {
        var builder = new RowBuilder();
        builder.Begin(schema);
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

    static ChangeEvent Build(
        int kind, string subject, SourcePosition position, byte[] key, Row? before, Row? after, int ticks, IEnumerable<string> headers)
    {
        var change = new ChangeEvent
        {
            Kind = (ChangeKind)kind,
            Subject = subject,
            Position = position,
            Key = key,
            Before = before,
            After = after,
            OccurredAt = ticks % 3 == 0 ? null : new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero).AddTicks(ticks),
            Transaction = ticks % 2 == 0 ? null : new TransactionMark(subject, ticks, ticks % 5 == 0),
            Headers = headers.Distinct().ToDictionary(name => name, name => name + "!"),
        };
        change.Stamp(new EventOrigin("orders", "db", (DeliveryGuarantee)(1 + (ticks % 2))), 1);
        return change;
    }

    // Strings of .NET may hold half a character; what comes from a wire is decoded and cannot.
    static string Scrub(string text) => System.Text.Encoding.UTF8.GetString(Utf8(text));
}
