namespace Penstock.Host.Configuration;

/// <summary>What happens when a sink refuses an event for good.</summary>
enum PoisonPolicy
{
    /// <summary>The pipeline stops at the event.</summary>
    Halt = 1,

    /// <summary>The event becomes a dead letter and the lane goes on.</summary>
    DeadLetter = 2,
}
