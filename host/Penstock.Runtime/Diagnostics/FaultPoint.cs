namespace Penstock.Runtime.Diagnostics;

/// <summary>The durable steps of the runtime, each a place to die at. The crash sweep has an entry for every one.</summary>
enum FaultPoint
{
    Read = 1,
    Stamped,
    LaneWrite,
    SinkReturned,
    CheckpointWritten,
    CheckpointFlushed,
    CheckpointRenamed,
    CheckpointDurable,
    Acknowledged,
    LossWritten,
    DeadLetterWritten,
    DeadLetterDurable,
}
