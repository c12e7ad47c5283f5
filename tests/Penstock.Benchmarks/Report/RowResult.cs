using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Rows;

namespace Penstock.Benchmarks.Report;

/// <summary>What became of a row.</summary>
/// <param name="Row">The row.</param>
/// <param name="Runs">The measured pairs: the host, then each yardstick.</param>
/// <param name="Failure">Why it does not count, if so.</param>
sealed record RowResult(BenchRow Row, IReadOnlyList<IReadOnlyList<Sample>> Runs, string? Failure)
{
    public RowSummary? Summary => Runs.Count > 0 ? RowSummary.Of(Runs) : null;

    public IReadOnlyList<Verdict> Verdicts =>
    [
        .. Row.Targets.Select(target =>
        {
            var value = Summary is { } summary ? target.Value(summary) : null;
            return new Verdict(target, value, Failure is null && value is { } measured && target.IsMet(measured), Summary is { } all ? target.Beside(all) : null);
        }),
    ];
}
