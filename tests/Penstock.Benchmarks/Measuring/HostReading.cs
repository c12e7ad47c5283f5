namespace Penstock.Benchmarks.Measuring;

/// <summary>What was known of a run at one moment.</summary>
/// <param name="Seconds">Since the process was started.</param>
/// <param name="Delivered">Events that the sink has made durable.</param>
/// <param name="CpuSeconds">The host's CPU time.</param>
/// <param name="Servers">The servers' CPU time.</param>
/// <param name="AllocatedBytes">What the host has allocated on its heap since it started.</param>
sealed record HostReading(double Seconds, long Delivered, double CpuSeconds, Dictionary<string, double> Servers, double? AllocatedBytes);
