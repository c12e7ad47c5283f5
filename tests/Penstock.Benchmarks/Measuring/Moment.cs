namespace Penstock.Benchmarks.Measuring;

/// <summary>What host and servers had used at one moment.</summary>
/// <param name="Seconds">Since the host's process was started.</param>
/// <param name="CpuSeconds">The host's CPU time.</param>
/// <param name="Servers">The servers' CPU time.</param>
sealed record Moment(double Seconds, double CpuSeconds, Dictionary<string, double> Servers);
