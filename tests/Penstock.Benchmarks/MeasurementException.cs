namespace Penstock.Benchmarks;

/// <summary>What was measured is not what the row says it is: a count is wrong, or the host met trouble on the way.</summary>
sealed class MeasurementException(string message) : Exception(message);
