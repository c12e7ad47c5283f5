using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Penstock;

/// <summary>What the host gives the sink of one lane.</summary>
public sealed class SinkContext
{
    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The sink's name in the pipeline.</summary>
    public required string Instance { get; init; }

    /// <summary>The lane's number, from 0.</summary>
    public required int Lane { get; init; }

    /// <summary>How many lanes the sink has.</summary>
    public required int LaneCount { get; init; }

    /// <summary>Where to log; never payloads, never secrets.</summary>
    public required ILoggerFactory LoggerFactory { get; init; }

    /// <summary>The clock for everything that waits or stamps.</summary>
    public required TimeProvider TimeProvider { get; init; }

    /// <summary>Where the plugin's own instruments belong; use no static meter.</summary>
    public required Meter Meter { get; init; }
}
