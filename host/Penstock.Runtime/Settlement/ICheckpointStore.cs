namespace Penstock.Runtime.Settlement;

/// <summary>Where the checkpoint of one source is kept.</summary>
interface ICheckpointStore
{
    /// <summary>Reads the newest whole checkpoint, or <see cref="Checkpoint.None"/>.</summary>
    /// <exception cref="PipelineFailureException">There is something, and none of it is whole.</exception>
    Checkpoint Load();

    /// <summary>Returning means durable.</summary>
    /// <exception cref="IOException">The checkpoint could not be written; the one before it stands.</exception>
    /// <exception cref="PipelineFailureException">The disk refused to flush: what it holds is unknown, and trying again would hide it.</exception>
    void Save(Checkpoint checkpoint);
}
