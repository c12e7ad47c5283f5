namespace Penstock.Benchmarks.Soak;

/// <summary>The rate of a pipeline, in events per second.</summary>
/// <param name="Measured">The most that was measured; null when the rate was given.</param>
/// <param name="Chosen">What is offered.</param>
sealed record SoakRate(double? Measured, double Chosen);
