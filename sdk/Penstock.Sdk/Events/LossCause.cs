namespace Penstock;

/// <summary>Why events may be missing.</summary>
public enum LossCause
{
    /// <summary>The connection broke, or proved dead.</summary>
    Disconnected = 1,

    /// <summary>The host was not running.</summary>
    Restarted = 2,

    /// <summary>Entries were trimmed before they were read.</summary>
    Trimmed = 3,

    /// <summary>Entries, or what holds them, were deleted.</summary>
    Deleted = 4,

    /// <summary>The server evicted data to free memory.</summary>
    Evicted = 5,

    /// <summary>The stream or slot was made anew, with positions that start over.</summary>
    Recreated = 6,

    /// <summary>The server no longer has what follows the checkpoint.</summary>
    PositionLost = 7,

    /// <summary>A bounded buffer was full.</summary>
    Overflow = 8,

    /// <summary>A cluster slot moved to another node.</summary>
    SlotMoved = 9,

    /// <summary>A replica became the primary.</summary>
    Failover = 10,

    /// <summary>A server setting that the source needs was switched off.</summary>
    SettingCleared = 11,
}
