namespace Penstock.Runtime.DeadLetters;

/// <summary>What order is kept for: a key of a subject of a source.</summary>
readonly struct LetterKey(string source, string subject, ReadOnlyMemory<byte> key) : IEquatable<LetterKey>
{
    readonly string _source = source;
    readonly string _subject = subject;
    readonly ReadOnlyMemory<byte> _key = key;

    public static LetterKey Of(ChangeEvent change) => new(change.Origin.Source, change.Subject, change.Key);

    /// <summary>With bytes of its own: an event's key lies in a block that many rows share, and would keep it alive.</summary>
    public static LetterKey CopyOf(ChangeEvent change) => new(change.Origin.Source, change.Subject, change.Key.ToArray());

    /// <summary>What stands for all keys of the subject.</summary>
    public LetterKey OfSubject => new(_source, _subject, default);

    public bool Equals(LetterKey other) =>
        string.Equals(_subject, other._subject, StringComparison.Ordinal) && string.Equals(_source, other._source, StringComparison.Ordinal)
        && _key.Span.SequenceEqual(other._key.Span);

    public override bool Equals(object? obj) => obj is LetterKey other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(_subject);
        hash.AddBytes(_key.Span);
        return hash.ToHashCode();
    }
}
