namespace Penstock.Runtime.DeadLetters;

/// <summary>What a lane does with an event that its sink can never take.</summary>
enum PoisonPolicy
{
    /// <summary>The pipeline stops until somebody has mended the event, the sink or the config.</summary>
    Halt = 1,

    /// <summary>The event becomes a dead letter, and the lane goes on.</summary>
    DeadLetter = 2,
}
