namespace Penstock.Runtime.DeadLetters;

/// <summary>A dead letter that is neither replayed nor discarded, and where in the journal its event is.</summary>
sealed record OpenLetter(LetterHead Head, int LineNumber, long Offset, int Length)
{
    /// <summary>How often it was written in vain, replays included.</summary>
    public int Attempts { get; init; } = Head.Attempts;

    /// <summary>What the sink said last.</summary>
    public DeadLetterError? Error { get; init; } = Head.Error;

    public DateTimeOffset LastAt { get; init; } = Head.LastAt;

    public OpenLetter RefusedAgain(LetterDeed deed) => this with { Attempts = Attempts + 1, Error = deed.Error, LastAt = deed.At };
}
