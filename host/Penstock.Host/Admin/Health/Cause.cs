namespace Penstock.Host.Admin.Health;

/// <summary>Where progress ends.</summary>
enum Cause
{
    /// <summary>Nothing can be read, or the source takes no acknowledgement.</summary>
    Source = 1,

    /// <summary>Nothing fails, and yet what was read is not settled in time: a sink takes less than comes in.</summary>
    Queue,

    /// <summary>A sink fails, or a write does not return.</summary>
    Sink,

    /// <summary>The state directory takes nothing.</summary>
    Store,
}
