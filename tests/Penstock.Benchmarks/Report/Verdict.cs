using Penstock.Benchmarks.Rows;

namespace Penstock.Benchmarks.Report;

/// <summary>A target, what was measured, and whether it is met; a row that failed meets nothing.</summary>
sealed record Verdict(Target Target, double? Value, bool IsMet, string? Beside);
