namespace Penstock.Benchmarks.Soak.Report;

/// <summary>One diagram: columns over time, divided by a unit.</summary>
sealed record Panel(string Title, IReadOnlyList<string> Columns, double Unit = 1);
