using System.Collections.Concurrent;

namespace Penstock.Runtime.DeadLetters;

/// <summary>What has to wait behind open letters. Written under the store's lock, read by all lanes.</summary>
sealed class ParkedKeys
{
    readonly ConcurrentDictionary<LetterKey, SourcePosition> _keys = [];
    readonly ConcurrentDictionary<LetterKey, SourcePosition> _subjects = [];
    readonly ConcurrentDictionary<LetterKey, SourcePosition> _barriers = [];

    /// <param name="key">The letter's key, with bytes of its own.</param>
    /// <param name="position">Where the event lies; what came before it does not wait.</param>
    /// <param name="isBarrier">Whether it concerns all keys of its subject, as a truncate does.</param>
    public void Add(LetterKey key, SourcePosition position, bool isBarrier)
    {
        Keep(_keys, key, position);
        Keep(_subjects, key.OfSubject, position);
        if (isBarrier)
        {
            Keep(_barriers, key.OfSubject, position);
        }
    }

    public bool Holds(ChangeEvent change)
    {
        var key = LetterKey.Of(change);
        return IsAfter(_keys, key, change)
            || (!_barriers.IsEmpty && IsAfter(_barriers, key.OfSubject, change))
            || (change.Kind == ChangeKind.Truncate && IsAfter(_subjects, key.OfSubject, change));
    }

    static bool IsAfter(ConcurrentDictionary<LetterKey, SourcePosition> letters, LetterKey key, ChangeEvent change) =>
        letters.TryGetValue(key, out var first) && (change.Position.Order >= first.Order || change.Position.Partition != first.Partition);

    static void Keep(ConcurrentDictionary<LetterKey, SourcePosition> letters, LetterKey key, SourcePosition position) =>
        letters.AddOrUpdate(key, position, (_, first) => first.Partition == position.Partition && first.Order > position.Order ? position : first);
}
