namespace Penstock.Runtime.DeadLetters;

/// <summary>What happens to later events of a key that has a dead letter.</summary>
enum SameKeyPolicy
{
    /// <summary>They become dead letters, too, so that the key's order survives a replay.</summary>
    Park = 1,

    /// <summary>They are delivered: a replay of the dead letter comes after them.</summary>
    Continue = 2,
}
