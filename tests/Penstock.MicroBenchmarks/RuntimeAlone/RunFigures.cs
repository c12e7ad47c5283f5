namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>What one run measured.</summary>
/// <param name="EventsPerSecond">From the first read until the last event was settled in every sink.</param>
/// <param name="CpuMicrosecondsPerEvent">Of the whole process, garbage collection included.</param>
/// <param name="AllocatedBytesPerEvent">Of the whole process.</param>
/// <param name="Gen0">Collections.</param>
/// <param name="Gen1">Collections.</param>
/// <param name="Gen2">Collections.</param>
/// <param name="PauseMilliseconds">For which the collector stopped everything.</param>
readonly record struct RunFigures(
    double EventsPerSecond, double CpuMicrosecondsPerEvent, double AllocatedBytesPerEvent, int Gen0, int Gen1, int Gen2, double PauseMilliseconds);
