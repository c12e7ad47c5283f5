namespace Penstock.Host.Configuration;

/// <summary>What happens to later events of a key that has a dead letter.</summary>
enum SameKeyPolicy
{
    /// <summary>They become dead letters, too, so that a replay keeps the key's order.</summary>
    Park = 1,

    /// <summary>They are delivered; a replay brings the older event after them.</summary>
    Continue = 2,
}
