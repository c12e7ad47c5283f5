using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Routing;

namespace Penstock.Host.Configuration;

/// <summary>A sink, ready to be created once per lane.</summary>
sealed class SinkConfig
{
    public required string Name { get; init; }

    /// <summary>The plugin's name.</summary>
    public required string Type { get; init; }

    public required SinkDefinition Definition { get; init; }

    /// <summary>An instance of the plugin's options class, validated.</summary>
    public required object Options { get; init; }

    public required int Lanes { get; init; }

    public required Ordering Ordering { get; init; }

    public required BatchConfig Batch { get; init; }

    public required RetryConfig Retry { get; init; }

    public required PoisonPolicy OnPoison { get; init; }

    public required DeadLettersConfig DeadLetters { get; init; }
}
