using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Settlement;

/// <summary>A sink that is open, as far as resuming is concerned.</summary>
/// <param name="Name">The sink's name.</param>
/// <param name="Layout">Its lanes in this run.</param>
/// <param name="Stored">Per lane what it says it holds; null when the sink stores no positions.</param>
sealed record SinkState(string Name, LaneLayout Layout, IReadOnlyList<IReadOnlyList<StoredPosition>>? Stored)
{
    /// <summary>Whether a position that a lane no longer tells of is lost data, and not data that was moved away.</summary>
    public bool MissingPositionIsLoss { get; init; }
}
