namespace Penstock;

/// <summary>What happened to the subject.</summary>
public enum ChangeKind
{
    /// <summary>A row came into being.</summary>
    Insert = 1,

    /// <summary>A row changed and kept its key. A change of the key is a delete followed by an insert.</summary>
    Update = 2,

    /// <summary>A row went away.</summary>
    Delete = 3,

    /// <summary>All rows of the subject went away. A barrier: every lane settles what came before it.</summary>
    Truncate = 4,

    /// <summary>A message that describes no row: a stream entry, a published message, a notification.</summary>
    Message = 5,

    /// <summary>A row as it stood when a snapshot read it.</summary>
    Snapshot = 6,
}
