using System.ComponentModel;
using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Configuration;

/// <summary>How a sink's lanes go on after a dead letter.</summary>
sealed class DeadLettersConfig
{
    [Description("What happens to later events of a key that has a dead letter: \"park\" makes them dead letters, too, so that a replay keeps the key's order; \"continue\" delivers them.")]
    public SameKeyPolicy SameKey { get; init; } = SameKeyPolicy.Park;
}
