namespace Penstock.Runtime.DeadLetters;

/// <summary>Why an event became a dead letter.</summary>
enum DeadLetterReason
{
    /// <summary>The sink said that it can never be written.</summary>
    Refused = 1,

    /// <summary>An earlier event of its key is a dead letter.</summary>
    Parked = 2,
}
