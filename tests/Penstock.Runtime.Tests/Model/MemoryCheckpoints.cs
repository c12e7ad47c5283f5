using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Model;

/// <summary>Two generations that take turns, each the very bytes that would be on disk.</summary>
sealed class MemoryCheckpoints(World world) : ICheckpointStore
{
    public Checkpoint Load() =>
        world.Checkpoints.OfType<byte[]>().Select(bytes => CheckpointFormat.Read(bytes, "p", "s")).MaxBy(found => found.Generation) ?? Checkpoint.None;

    public void Save(Checkpoint checkpoint) => world.Checkpoints[checkpoint.Generation % 2] = CheckpointFormat.Write("p", "s", checkpoint);
}
