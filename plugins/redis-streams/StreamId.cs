using System.Buffers.Text;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>An entry's id: milliseconds and a number within them.</summary>
readonly record struct StreamId(ulong Milliseconds, ulong Sequence)
{
    const int MaxLength = 41;

    // The last millisecond that a DateTimeOffset can hold. Producers may choose any id.
    static readonly ulong MaxTime = (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public UInt128 Order => SourcePosition.Compose(Milliseconds, Sequence);

    /// <summary>When the entry was added by the server's clock; null for an id that is no time.</summary>
    public DateTimeOffset? Time => Milliseconds <= MaxTime ? DateTimeOffset.FromUnixTimeMilliseconds((long)Milliseconds) : null;

    public static StreamId FromOrder(UInt128 order) => new((ulong)(order >> 64), (ulong)order);

    /// <exception cref="RedisProtocolException">The text is no id.</exception>
    public static StreamId Parse(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out ulong milliseconds, out var dash) && dash < text.Length && text[dash] == '-'
        && Utf8Parser.TryParse(text[(dash + 1)..], out ulong sequence, out var rest) && dash + 1 + rest == text.Length
            ? new StreamId(milliseconds, sequence)
            : throw new RedisProtocolException("Expected an entry id such as 1700000000000-0 in the reply, found other text.");

    public void AddTo(CommandBuffer commands)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        Utf8Formatter.TryFormat(Milliseconds, text, out var dash);
        text[dash] = (byte)'-';
        Utf8Formatter.TryFormat(Sequence, text[(dash + 1)..], out var rest);
        commands.Add(text[..(dash + 1 + rest)]);
    }

    public override string ToString() => $"{Milliseconds}-{Sequence}";
}
