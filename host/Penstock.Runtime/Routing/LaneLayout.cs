namespace Penstock.Runtime.Routing;

/// <summary>
/// What decides the lane of an event: nothing but the event itself, so that a replay finds the lane it had before. A position that a lane
/// stores speaks only of the layout it was written with.
/// </summary>
readonly record struct LaneLayout(int Lanes, Ordering Ordering)
{
    /// <summary>Whether lanes run side by side, so that an event for all of them has to wait for all of them.</summary>
    public bool IsParallel => Lanes > 1 && Ordering != Ordering.Source;

    public int LaneOf(uint keyHash, SourcePosition position)
    {
        if (!IsParallel)
        {
            return 0;
        }

        return (int)((Ordering == Ordering.Key ? keyHash : KeyHash.Of(position.Order)) % (uint)Lanes);
    }
}
