namespace Penstock.Runtime;

/// <summary>How a pipeline ended.</summary>
enum PipelineState
{
    /// <summary>Its sources came to an end, or it was asked to stop.</summary>
    Completed = 1,

    /// <summary>It met what only an operator can mend.</summary>
    Failed = 2,

    /// <summary>A source no longer has what follows the checkpoint, or a sink has lost what it held.</summary>
    PositionLost = 3,
}
