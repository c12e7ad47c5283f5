namespace Penstock.Sources.PostgresWal;

/// <summary>What to do when the slot keeps more WAL than it may.</summary>
public enum RetainedWalPolicy
{
    /// <summary>Say so in the log.</summary>
    Warn = 1,

    /// <summary>Say so, drop the slot, and stop: the database matters more than this source's place.</summary>
    DropSlot = 2,
}
