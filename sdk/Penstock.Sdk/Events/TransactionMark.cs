namespace Penstock;

/// <summary>An event's place in the transaction that made it.</summary>
/// <param name="id">The source's name for the transaction, the same string instance for all its events.</param>
/// <param name="index">The event's number in the transaction, from 1.</param>
/// <param name="isLast">Whether no event of the transaction follows.</param>
public readonly struct TransactionMark(string id, long index, bool isLast)
{
    /// <summary>The source's name for the transaction.</summary>
    public string Id { get; } = id;

    /// <summary>The event's number in the transaction, from 1.</summary>
    public long Index { get; } = index;

    /// <summary>
    /// Whether no event of the transaction follows. When false, the host may keep the event back until the next message of the source: say so
    /// only when that is on its way.
    /// </summary>
    public bool IsLast { get; } = isLast;
}
