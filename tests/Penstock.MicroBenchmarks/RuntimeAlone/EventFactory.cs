using System.Buffers.Text;

namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>
/// Makes fresh events as a WAL source does: the values of a row are copied out of what was received, one object per event, transactions of
/// <see cref="EventsPerWatermark"/> rows with a watermark behind each.
/// </summary>
sealed class EventFactory
{
    public const int Keys = 100_000;
    public const int EventsPerWatermark = 1000;
    const int Seed = 20_261_121;
    const int IdLength = 8;
    const int AmountLength = 4;
    const int NoteLength = 32;
    const int RowLength = IdLength + AmountLength + NoteLength;
    const string Subject = "public.orders";
    const string Transaction = "4711";

    static readonly DateTimeOffset CommittedAt = DateTimeOffset.UnixEpoch.AddYears(56);

    static readonly RowSchema Schema = new(
        new RowField("id", FieldType.Integer, isKey: true),
        new RowField("amount", FieldType.Integer, isKey: false),
        new RowField("note", FieldType.Text, isKey: false));

    readonly byte[] _received = Receive();
    readonly RowBuilder _rows = new();
    int _next;

    /// <summary>The event with this number, from 0.</summary>
    public ChangeEvent Make(long number)
    {
        var values = _received.AsSpan(_next, RowLength);
        _next += RowLength;
        if (_next == _received.Length)
        {
            _next = 0;
        }

        _rows.Begin(Schema);
        _rows.Append(values[..IdLength]);
        _rows.Append(values.Slice(IdLength, AmountLength));
        _rows.Append(values[(IdLength + AmountLength)..]);
        var row = _rows.Build();
        var index = (number % EventsPerWatermark) + 1;
        return new ChangeEvent
        {
            Kind = ChangeKind.Insert,
            Subject = Subject,
            Position = PositionOf(number),
            Key = row.GetMemory(0),
            After = row,
            OccurredAt = CommittedAt,
            Transaction = new TransactionMark(Transaction, index, index == EventsPerWatermark),
        };
    }

    /// <summary>The watermark behind the event with this number.</summary>
    public static Watermark WatermarkAfter(long number) => new(PositionOf(number)) { State = new byte[sizeof(long)] };

    /// <summary>The number that a position was made from.</summary>
    public static long NumberOf(SourcePosition position) => (long)((ulong)(position.Order >> 64) >> 4) * EventsPerWatermark + (uint)(position.Order >> 32) - 1;

    /// <summary>From 0 to <see cref="Keys"/> - 1.</summary>
    public static int KeyOf(ChangeEvent change) =>
        Utf8Parser.TryParse(change.Key.Span, out int key, out _) ? key : throw new InvalidOperationException("The key is no number.");

    // A commit's LSN and the ordinal in the transaction.
    static SourcePosition PositionOf(long number) => new(
        "", SourcePosition.Compose((ulong)(number / EventsPerWatermark) << 4, (ulong)((number % EventsPerWatermark) + 1) << 32));

    // Every key once and as many again at random, in a seeded random order: keys meet themselves among what is in flight, so that a lost order shows.
    static byte[] Receive()
    {
        var random = new Random(Seed);
        int[] keys = [.. Enumerable.Range(0, Keys), .. Enumerable.Range(0, Keys).Select(_ => random.Next(Keys))];
        random.Shuffle(keys);
        var bytes = new byte[keys.Length * RowLength];
        for (var i = 0; i < keys.Length; i++)
        {
            var row = bytes.AsSpan(i * RowLength, RowLength);
            row.Fill((byte)('a' + random.Next(26)));
            Utf8Formatter.TryFormat(keys[i], row, out _, new('D', IdLength));
            Utf8Formatter.TryFormat(random.Next(1000, 10_000), row[IdLength..], out _);
        }

        return bytes;
    }
}
