using System.Text;

namespace Penstock.Runtime.Tests.Support;

/// <summary>One message of a <see cref="RetainedLog"/>; every reading makes it anew, as a server would.</summary>
sealed record Entry(UInt128 Order, Func<SourceMessage> Make)
{
    static readonly RowSchema Schema = new(new RowField("v", FieldType.Text, isKey: false));

    public static Entry Change(ulong number, string key = "k", int bytes = 0, ChangeKind kind = ChangeKind.Insert) => new(
        SourcePosition.Compose(number, 0),
        () => new ChangeEvent
        {
            Kind = kind,
            Subject = "t",
            Key = Encoding.UTF8.GetBytes(key),
            Position = new SourcePosition("", SourcePosition.Compose(number, 0)),
            After = bytes == 0 ? null : RowOf(bytes),
            OccurredAt = DateTimeOffset.UnixEpoch,
        });

    /// <summary>A change inside a transaction, which is last in it or not.</summary>
    public static Entry Within(string transaction, ulong number, bool isLast, int bytes = 0, string subject = "t") => new(
        SourcePosition.Compose(number, 0),
        () => new ChangeEvent
        {
            Kind = ChangeKind.Insert,
            Subject = subject,
            Key = "k"u8.ToArray(),
            Position = new SourcePosition("", SourcePosition.Compose(number, 0)),
            After = bytes == 0 ? null : RowOf(bytes),
            Transaction = new TransactionMark(transaction, 1, isLast),
        });

    /// <summary>Everything up to this number is emitted.</summary>
    public static Entry Mark(ulong number) => new(
        SourcePosition.Compose(number, 1),
        () => new Watermark(new SourcePosition("", SourcePosition.Compose(number, 1))) { State = StateOf(number) });

    public static Entry Loss(ulong after, LossWindow loss) => new(SourcePosition.Compose(after, 1), () => loss);

    public static Entry Shape(ulong after) => new(
        SourcePosition.Compose(after, 1),
        () => new SchemaChange { Subject = "t", After = Schema, Position = new SourcePosition("", SourcePosition.Compose(after + 1, 0)) });

    public static byte[] StateOf(ulong number) => Encoding.UTF8.GetBytes($"state {number}");

    public static ulong NumberOf(SourcePosition position) => (ulong)(position.Order >> 64);

    static Row RowOf(int bytes)
    {
        var builder = new RowBuilder();
        builder.Begin(Schema);
        builder.Append(new byte[bytes]);
        return builder.Build();
    }
}
