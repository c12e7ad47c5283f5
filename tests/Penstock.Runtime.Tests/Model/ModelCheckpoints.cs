using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Model;

/// <summary>The store of one host: tells the world what is durable, and refuses when it shall.</summary>
sealed class ModelCheckpoints(ICheckpointStore store, World world, int epoch, Mutant mutant) : ICheckpointStore
{
    public bool Refuses { get; set; }

    /// <summary>Planted: what is acknowledged and not saved yet.</summary>
    public Checkpoint? Late { get; private set; }

    public Checkpoint Load() => store.Load();

    public void Save(Checkpoint checkpoint)
    {
        if (Refuses)
        {
            throw new IOException("no space left on device");
        }

        if (mutant == Mutant.ConfirmFirst && checkpoint.Partitions.Count > 0)
        {
            world.Confirm(epoch, Place.Of(checkpoint.Partitions));
            Late = checkpoint;
            return;
        }

        store.Save(checkpoint);
        world.Saved(epoch, checkpoint);
    }

    public void SaveLate()
    {
        store.Save(Late!);
        world.Saved(epoch, Late!);
        Late = null;
    }
}
