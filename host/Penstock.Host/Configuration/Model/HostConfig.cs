namespace Penstock.Host.Configuration;

/// <summary>A config without mistakes. Paths are absolute.</summary>
sealed class HostConfig
{
    public required string File { get; init; }

    /// <summary>The folder of the config file, where relative paths start.</summary>
    public required string Directory { get; init; }

    public required string StateDirectory { get; init; }

    public required TimeSpan CheckpointInterval { get; init; }

    /// <summary>Null when the host does not answer over HTTP.</summary>
    public required AdminConfig? Admin { get; init; }

    /// <summary>In the order of the file, without those that a missing or broken plugin takes down.</summary>
    public required IReadOnlyList<PipelineConfig> Pipelines { get; init; }
}
