using System.Text;
using Penstock.Runtime.DeadLetters;
using static Penstock.Runtime.Tests.DeadLetters.Letters;

namespace Penstock.Runtime.Tests.DeadLetters;

/// <summary>A replay gives the sink what the source gave it: every byte, type and state.</summary>
public sealed class DeadLetterRoundTripTests : IDisposable
{
    static readonly byte[][] Values =
    [
        [], [0], [0, 10, 13, 34, 92], [0xFF, 0xFE, 0x80], "paid"u8.ToArray(), "42"u8.ToArray(), "1.50"u8.ToArray(), "t"u8.ToArray(), "{ \"a\" :\n [1, 2] }"u8.ToArray(),
        "2026-11-20 21:14:00.5+00"u8.ToArray(), "0044-03-15 12:00:00 BC"u8.ToArray(), "\\x00ff"u8.ToArray(), "€\U0001F600\u2028"u8.ToArray(),
    ];

    readonly Letters _letters = new();

    public void Dispose() => _letters.Dispose();

    [Fact]
    public void Every_value_of_every_type_comes_back_as_it_was()
    {
        var fields = Enum.GetValues<FieldType>().SelectMany(type => Values.Select((value, i) => (Field: new RowField($"{type}{i}", type, i == 4), Value: value))).ToArray();
        var row = RowOf([.. fields.Select(field => field.Field)], i => (FieldState.Present, fields[i].Value));

        AssertComesBack(Event(before: null, after: row));
        AssertComesBack(Event(before: row, after: null));
        AssertComesBack(Event(before: row, after: row));
    }

    [Fact]
    public void Unchanged_null_and_absent_are_told_apart()
    {
        var states = Enum.GetValues<FieldState>();
        var row = RowOf([.. states.Select(state => new RowField(state.ToString(), FieldType.Json, isKey: state == FieldState.Unchanged))], i => (states[i], "[ ]"u8.ToArray()));

        AssertComesBack(Event(before: row, after: row));
    }

    [Fact]
    public void Names_that_repeat_or_are_not_text_come_back()
    {
        RowField[] fields = [new("a", FieldType.Text, false), new("a", FieldType.Text, false), new(new byte[] { 0xFF, 0 }, FieldType.Bytes, true)];

        AssertComesBack(Event(before: null, after: RowOf(fields, i => (i == 1 ? FieldState.Null : FieldState.Present, [(byte)i]))));
    }

    [Fact]
    public void Keys_of_any_bytes_and_everything_around_the_rows_come_back()
    {
        foreach (var key in Values)
        {
            var change = Stamped(new ChangeEvent
            {
                Kind = ChangeKind.Message,
                Subject = "line\nbreak \"ü",
                Key = key,
                Position = new SourcePosition("part@ \"\n", UInt128.MaxValue),
                OccurredAt = Noon.AddMicroseconds(7),
                Transaction = new TransactionMark("789", 3, true),
                Headers = new Dictionary<string, string> { ["a"] = "b\u0000" },
            });

            AssertComesBack(change);
        }
    }

    [Fact]
    public void A_value_nested_deeper_than_parsers_like_comes_back()
    {
        var deep = Encoding.UTF8.GetBytes(new string('[', 5000) + new string(']', 5000));

        AssertComesBack(Event(before: null, after: RowOf([new RowField("deep", FieldType.Json, false)], _ => (FieldState.Present, deep))));
    }

    [Fact]
    public void A_replay_carries_its_header_besides_the_events_own()
    {
        var change = Stamped(new ChangeEvent { Kind = ChangeKind.Message, Subject = "t", Position = default, Headers = new Dictionary<string, string> { ["a"] = "b", [EventHeaders.Replayed] = "before" } });
        _letters.Store().Keep([Refused(change)]);

        var back = _letters.Journal.ReadEvent(_letters.Open()[0], new Dictionary<string, string> { [EventHeaders.Replayed] = "now" });

        Assert.Equal([KeyValuePair.Create("a", "b"), KeyValuePair.Create(EventHeaders.Replayed, "now")], back.Headers.OrderBy(header => header.Key));
    }

    [Fact]
    public void A_difference_of_one_byte_type_or_state_is_seen()
    {
        var field = new RowField("v", FieldType.Text, false);
        var whole = Event(null, RowOf([field], _ => (FieldState.Present, [1])));

        Assert.Equal(Describe(whole), Describe(Event(null, RowOf([field], _ => (FieldState.Present, [1])))));
        Assert.NotEqual(Describe(whole), Describe(Event(null, RowOf([field], _ => (FieldState.Present, [2])))));
        Assert.NotEqual(Describe(whole), Describe(Event(null, RowOf([field], _ => (FieldState.Null, [])))));
        Assert.NotEqual(Describe(whole), Describe(Event(null, RowOf([new RowField("v", FieldType.Bytes, false)], _ => (FieldState.Present, [1])))));
    }

    [Fact]
    public void Bytes_that_are_no_row_are_refused()
    {
        var bytes = RowBytes.Write(RowOf([new RowField("v", FieldType.Text, false), new RowField("w", FieldType.Text, true)], _ => (FieldState.Present, "value"u8.ToArray())));

        Assert.Equal(2, RowBytes.Read(bytes).Count);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<FormatException>(() => RowBytes.Read(bytes[..length]));
        }

        Assert.Throws<FormatException>(() => RowBytes.Read([.. bytes, 0]));
        Assert.Throws<FormatException>(() => RowBytes.Read([1, 0, 99, 0, 1]));
        Assert.Throws<FormatException>(() => RowBytes.Read([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
    }

    void AssertComesBack(ChangeEvent change)
    {
        File.Delete(_letters.File);
        _letters.Store().Keep([Refused(change)]);

        var back = _letters.Journal.ReadEvent(Assert.Single(_letters.Open()), new Dictionary<string, string>());

        Assert.Equal(Describe(change), Describe(back));
        Assert.Equal(change.Headers.ToList(), back.Headers.ToList());
        Assert.Equal((change.Kind, change.Subject, change.Position, change.OccurredAt, change.Transaction), (back.Kind, back.Subject, back.Position, back.OccurredAt, back.Transaction));
        Assert.Equal((change.Id, change.Origin.Guarantee), (back.Id, back.Origin.Guarantee));
    }

    static string Describe(ChangeEvent change) => $"{Convert.ToHexString(change.Key.Span)} {Describe(change.Before)} {Describe(change.After)}";

    static string Describe(Row? row) => row is not { } fields
        ? "none"
        : string.Join(' ', Enumerable.Range(0, fields.Count).Select(i =>
            $"{Convert.ToHexString(fields.Schema[i].NameBytes.Span)}:{fields.Schema[i].Type}:{fields.Schema[i].IsKey}:{fields.GetState(i)}:{Convert.ToHexString(fields[i])}"));

    static ChangeEvent Event(Row? before, Row? after) =>
        Stamped(new ChangeEvent { Kind = ChangeKind.Update, Subject = "t", Position = new SourcePosition("", 7), Before = before, After = after });

    static Row RowOf(RowField[] fields, Func<int, (FieldState State, byte[] Value)> value)
    {
        var builder = new RowBuilder();
        builder.Begin(new RowSchema(fields));
        for (var i = 0; i < fields.Length; i++)
        {
            var (state, bytes) = value(i);
            if (state == FieldState.Present)
            {
                builder.Append(bytes);
            }
            else
            {
                builder.Append(state);
            }
        }

        return builder.Build();
    }
}
