namespace Penstock.Host.Configuration;

/// <summary>The least that a pipeline must give. Effectively-once is no promise of a source alone, so the SDK's guarantees do not have it.</summary>
enum Requirement
{
    AtMostOnce = 1,
    AtLeastOnce = 2,
    EffectivelyOnce = 3,
}
