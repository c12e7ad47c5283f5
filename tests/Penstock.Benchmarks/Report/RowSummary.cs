using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Report;

/// <summary>The spreads over a row's runs.</summary>
sealed record RowSummary
{
    public required Spread EventsPerSecond { get; init; }

    /// <summary>Whether the runs were of many events; a start has one.</summary>
    public required bool IsRate { get; init; }

    /// <summary>Host to first yardstick, pair by pair.</summary>
    public Spread? Ratio { get; init; }

    public Spread? ClientCpuMicroseconds { get; init; }

    public required IReadOnlyDictionary<string, Spread> ServerCpuMicroseconds { get; init; }

    public Spread? AllocatedBytesPerEvent { get; init; }

    public Spread? PeakResidentBytes { get; init; }

    public Spread? StartToFirstSeconds { get; init; }

    /// <summary>Spreads of p50, p90, p99, p99.9 and the maximum, in milliseconds.</summary>
    public IReadOnlyDictionary<string, Spread>? Latency { get; init; }

    public IReadOnlyDictionary<string, Spread>? LatencyFromCommit { get; init; }

    /// <summary>The yardsticks' own summaries, by name.</summary>
    public required IReadOnlyDictionary<string, RowSummary> Yardsticks { get; init; }

    /// <param name="runs">Each the host's sample and those of the yardsticks, in the same order.</param>
    public static RowSummary Of(IReadOnlyList<IReadOnlyList<Sample>> runs)
    {
        var yardsticks = Enumerable.Range(1, runs[0].Count - 1).ToArray();
        return Of([.. runs.Select(run => run[0])]) with
        {
            Ratio = yardsticks.Length == 0 || runs[0][0] is { Events: 1 } or { Latency: not null } ? null : Spread.Of(runs.Select(run => (double?)(run[0].EventsPerSecond / run[1].EventsPerSecond))),
            Yardsticks = yardsticks.ToDictionary(i => runs[0][i].Subject, i => Of([.. runs.Select(run => run[i])])),
        };
    }

    static RowSummary Of(IReadOnlyList<Sample> samples) => new()
    {
        EventsPerSecond = Spread.Of(samples.Select(sample => (double?)sample.EventsPerSecond))!.Value,
        IsRate = samples[0].Events > 1,
        ClientCpuMicroseconds = Spread.Of(samples.Select(sample => sample.ClientCpuMicroseconds)),
        ServerCpuMicroseconds = (samples[0].ServerCpuMicroseconds ?? new Dictionary<string, double>()).Keys
            .ToDictionary(server => server, server => Spread.Of(samples.Select(sample => (double?)sample.ServerCpuMicroseconds![server]))!.Value),
        AllocatedBytesPerEvent = Spread.Of(samples.Select(sample => sample.AllocatedBytesPerEvent)),
        PeakResidentBytes = Spread.Of(samples.Select(sample => (double?)sample.PeakResidentBytes)),
        StartToFirstSeconds = Spread.Of(samples.Select(sample => sample.StartToFirstSeconds)),
        Latency = Percentiles(samples, sample => sample.Latency),
        LatencyFromCommit = Percentiles(samples, sample => sample.LatencyFromCommit),
        Yardsticks = new Dictionary<string, RowSummary>(),
    };

    static Dictionary<string, Spread>? Percentiles(IReadOnlyList<Sample> samples, Func<Sample, LatencySummary?> latency)
    {
        (string Name, Func<LatencySummary, double> Value)[] all =
            [("p50", s => s.P50), ("p90", s => s.P90), ("p99", s => s.P99), ("p99.9", s => s.P999), ("max", s => s.Max)];
        return latency(samples[0]) is null
            ? null
            : all.ToDictionary(percentile => percentile.Name, percentile => Spread.Of(samples.Select(sample => (double?)percentile.Value(latency(sample)!)))!.Value);
    }
}
