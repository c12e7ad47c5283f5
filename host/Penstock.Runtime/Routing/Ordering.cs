namespace Penstock.Runtime.Routing;

/// <summary>What order a sink's lanes keep.</summary>
enum Ordering
{
    /// <summary>Events of one subject and key stay in order.</summary>
    Key = 1,

    /// <summary>All events of a source stay in order: one lane does the work.</summary>
    Source = 2,

    /// <summary>No order: lanes are used in turn.</summary>
    None = 3,
}
