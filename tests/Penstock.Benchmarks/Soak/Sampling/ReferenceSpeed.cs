namespace Penstock.Benchmarks.Soak.Sampling;

/// <summary>How fast the yardstick was.</summary>
/// <param name="MegabytesPerSecond">Hashed, by the clock.</param>
/// <param name="MegabytesPerCpuSecond">Hashed, by the CPU time that it took.</param>
/// <param name="SyncsPerSecond">Blocks written and synced.</param>
sealed record ReferenceSpeed(double MegabytesPerSecond, double MegabytesPerCpuSecond, double SyncsPerSecond);
