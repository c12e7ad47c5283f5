namespace Penstock.Runtime.DeadLetters;

/// <summary>An event that a sink did not get, with all that is needed to understand why and to deliver it later.</summary>
sealed record DeadLetter
{
    /// <summary>The event as it came from the source.</summary>
    public required ChangeEvent Change { get; init; }

    /// <summary>The lane that gave it up.</summary>
    public required int Lane { get; init; }

    public required DeadLetterReason Reason { get; init; }

    /// <summary>What the sink said; null when the sink was not asked.</summary>
    public DeadLetterError? Error { get; init; }

    /// <summary>How often it was written in vain.</summary>
    public required int Attempts { get; init; }

    /// <summary>The first attempt, or when it was parked.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>The last attempt, or when it was parked.</summary>
    public required DateTimeOffset LastAt { get; init; }

    public static DeadLetter Refused(ChangeEvent change, int lane, PluginException error, int attempts, DateTimeOffset firstAt, DateTimeOffset lastAt) => new()
    {
        Change = change,
        Lane = lane,
        Reason = DeadLetterReason.Refused,
        Error = DeadLetterError.Of(error),
        Attempts = attempts,
        FirstAt = firstAt,
        LastAt = lastAt,
    };

    public static DeadLetter Parked(ChangeEvent change, int lane, DateTimeOffset at) => new()
    {
        Change = change,
        Lane = lane,
        Reason = DeadLetterReason.Parked,
        Attempts = 0,
        FirstAt = at,
        LastAt = at,
    };
}
