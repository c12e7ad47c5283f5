namespace Penstock.Runtime.DeadLetters;

/// <summary>What became of a dead letter, at whose hand.</summary>
/// <param name="Kind">Refused again, replayed or discarded.</param>
/// <param name="Id">The event's id.</param>
/// <param name="At">When.</param>
/// <param name="By">The operating system's name of who did it.</param>
/// <param name="Command">The verb that did it.</param>
sealed record LetterDeed(LineKind Kind, string Id, DateTimeOffset At, string By, string Command)
{
    /// <summary>What the sink said when it refused again.</summary>
    public DeadLetterError? Error { get; init; }
}
