using System.Text.Json.Serialization;

namespace Penstock.Benchmarks.Measuring;

/// <summary>What one run of the host or of a yardstick came to.</summary>
sealed record Sample
{
    /// <summary>Whose run it was: penstock, or the yardstick's name.</summary>
    public required string Subject { get; init; }

    /// <summary>Events between the first and the last moment that were measured.</summary>
    public required long Events { get; init; }

    public required double Seconds { get; init; }

    public double EventsPerSecond => Events / Seconds;

    /// <summary>CPU microseconds per event: the host's, or the yardstick's client's.</summary>
    public double? ClientCpuMicroseconds { get; init; }

    /// <summary>CPU microseconds per event of each server.</summary>
    public IReadOnlyDictionary<string, double>? ServerCpuMicroseconds { get; init; }

    public double? AllocatedBytesPerEvent { get; init; }

    public long? PeakResidentBytes { get; init; }

    /// <summary>From the start of the process to the first event delivered.</summary>
    public double? StartToFirstSeconds { get; init; }

    public LatencySummary? Latency { get; init; }

    /// <summary>From the server's own time of the commit, where there is one.</summary>
    public LatencySummary? LatencyFromCommit { get; init; }

    /// <summary>Seconds since the start of the process, and events delivered by then.</summary>
    [JsonIgnore]
    public IReadOnlyList<double[]>? Progress { get; init; }
}
