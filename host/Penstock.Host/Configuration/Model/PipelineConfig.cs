namespace Penstock.Host.Configuration;

/// <summary>A pipeline whose sources and sinks are all there.</summary>
sealed class PipelineConfig
{
    public required string Name { get; init; }

    /// <summary>The least guarantee to start with; null when any will do.</summary>
    public required Requirement? Require { get; init; }

    /// <summary>In the order of the file.</summary>
    public required IReadOnlyList<SourceConfig> Sources { get; init; }

    /// <summary>In the order of the file.</summary>
    public required IReadOnlyList<SinkConfig> Sinks { get; init; }
}
