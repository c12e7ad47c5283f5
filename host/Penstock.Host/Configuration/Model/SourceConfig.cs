namespace Penstock.Host.Configuration;

/// <summary>A source, ready to be created.</summary>
sealed class SourceConfig
{
    public required string Name { get; init; }

    /// <summary>The plugin's name.</summary>
    public required string Type { get; init; }

    public required SourceDefinition Definition { get; init; }

    /// <summary>An instance of the plugin's options class, validated.</summary>
    public required object Options { get; init; }

    public required int Readers { get; init; }

    public required InFlightConfig InFlight { get; init; }
}
