using System.Buffers;
using System.Collections.ObjectModel;
using System.Diagnostics;

namespace Penstock;

/// <summary>
/// One change, the same shape whatever system it came from. Immutable; its memory is owned by the garbage collector and may be kept.
/// </summary>
[DebuggerDisplay("{Kind} {Subject} {Position}")]
public sealed class ChangeEvent : SourceMessage
{
    // An estimate of what an event retains beside its row bytes; bounds need no more.
    const int Overhead = 256;

    static readonly ReadOnlyDictionary<string, string> NoHeaders = ReadOnlyDictionary<string, string>.Empty;

    readonly Row _before;
    readonly Row _after;
    readonly long _occurredAtTicks;
    readonly string? _transactionId;
    readonly long _transactionIndex;

    // Beside the kind, where it takes no room.
    readonly bool _isLastOfTransaction;
    EventOrigin? _origin;

    /// <summary>What happened.</summary>
    public required ChangeKind Kind { get; init; }

    /// <summary>What the event is about: <c>public.orders</c>, a stream, a channel, <c>keyspace:0</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>Where in the source the event lies.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>The bytes that order is kept for within the subject. Default empty: the event keeps the subject's order.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The row as it was, as far as the server sent it; otherwise null.</summary>
    public Row? Before
    {
        get => _before.IsDefault ? null : _before;
        init => _before = value.GetValueOrDefault();
    }

    /// <summary>The row as it is now; null for a delete and a truncate.</summary>
    public Row? After
    {
        get => _after.IsDefault ? null : _after;
        init => _after = value.GetValueOrDefault();
    }

    /// <summary>When the change happened by the source's clock: the commit, the entry's id; null when the source cannot know.</summary>
    public DateTimeOffset? OccurredAt
    {
        get => _occurredAtTicks == 0 ? null : new DateTimeOffset(_occurredAtTicks, TimeSpan.Zero);
        init => _occurredAtTicks = value?.UtcTicks ?? 0;
    }

    /// <summary>The event's place in its transaction; null when the source has none.</summary>
    public TransactionMark? Transaction
    {
        get => _transactionId is null ? null : new TransactionMark(_transactionId, _transactionIndex, _isLastOfTransaction);
        init
        {
            var mark = value.GetValueOrDefault();
            _transactionId = mark.Id;
            _transactionIndex = mark.Index;
            _isLastOfTransaction = mark.IsLast;
        }
    }

    /// <summary>Names and values that travel with the event. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;

    /// <summary>Where the event entered the host.</summary>
    /// <exception cref="InvalidOperationException">The event has not passed the host yet.</exception>
    public EventOrigin Origin => _origin ?? throw new InvalidOperationException("The event has no origin before the host has stamped it.");

    /// <summary>
    /// The same change has the same id after any restart or replay: <c>pipeline/source:position</c>, never from a clock.
    /// </summary>
    public string Id => $"{Origin.Pipeline}/{Origin.Source}:{Position}";

    /// <summary>Writes <see cref="Id"/> as UTF-8, without a string.</summary>
    /// <param name="output">Where to.</param>
    /// <exception cref="InvalidOperationException">The event has not passed the host yet.</exception>
    public void WriteId(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var prefix = Origin.IdPrefix;
        var text = output.GetSpan(PositionText.MaxLength(prefix, Position));
        output.Advance(PositionText.Write(text, prefix, Position));
    }

    /// <summary>The dense number the pump gave the event; only the runtime counts with it.</summary>
    internal long Sequence { get; private set; }

    /// <summary>Roughly what the event keeps in memory, in bytes.</summary>
    internal int RetainedBytes => Overhead + _before.Length + _after.Length;

    internal void Stamp(EventOrigin origin, long sequence)
    {
        _origin = origin;
        Sequence = sequence;
    }
}
