namespace Penstock.Sources.PostgresWal;

/// <summary>Whether the rows that exist already are read, too.</summary>
public enum SnapshotMode
{
    /// <summary>Only what changes after the slot was made.</summary>
    Never = 1,

    /// <summary>Each table whose snapshot the checkpoint does not hold yet is read once, while its changes are read on.</summary>
    Initial = 2,
}
