namespace Penstock.Runtime.DeadLetters;

/// <summary>What the line of a dead letter says beside the event itself, which may be large and stays on disk.</summary>
sealed record LetterHead
{
    /// <summary>The event's id.</summary>
    public required string Id { get; init; }

    public required string Source { get; init; }

    /// <summary>Whether it concerns every key of its subject, so that nothing may pass it.</summary>
    public required bool IsBarrier { get; init; }

    public required SourcePosition Position { get; init; }

    public required string Subject { get; init; }

    public required byte[] Key { get; init; }

    public required int Lane { get; init; }

    public required DeadLetterReason Reason { get; init; }

    public required DeadLetterError? Error { get; init; }

    public required int Attempts { get; init; }

    public required DateTimeOffset FirstAt { get; init; }

    public required DateTimeOffset LastAt { get; init; }

    public LetterKey OrderedBy => new(Source, Subject, Key);
}
