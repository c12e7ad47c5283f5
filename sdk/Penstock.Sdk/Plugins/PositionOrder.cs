namespace Penstock;

/// <summary>Whether positions tell the host what it has already had.</summary>
public enum PositionOrder
{
    /// <summary>Positions rise with nothing: the host keeps one common cursor and never skips an event by its position.</summary>
    None = 1,

    /// <summary>Positions rise in source order within a partition.</summary>
    Partition = 2,
}
