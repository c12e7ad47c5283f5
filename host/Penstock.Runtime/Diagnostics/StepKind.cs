namespace Penstock.Runtime.Diagnostics;

/// <summary>What a part of a pipeline does again and again, and can get stuck in.</summary>
enum StepKind
{
    /// <summary>A source connects; it ends when the source reads.</summary>
    Read = 1,

    /// <summary>A source takes an acknowledgement.</summary>
    Acknowledge,

    /// <summary>A lane opens its sink, or writes to it.</summary>
    Write,

    /// <summary>The checkpoint of a source is written.</summary>
    Checkpoint,

    /// <summary>A lane's dead letters are written.</summary>
    DeadLetter,

    /// <summary>A source's loss window is written.</summary>
    Loss,
}
