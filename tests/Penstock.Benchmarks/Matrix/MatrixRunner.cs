using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Matrix;

/// <summary>Round after round over all settings of a payload, the yardstick first in each: what drifts, drifts for all.</summary>
static class MatrixRunner
{
    /// <returns>0, or 1 when a run went wrong.</returns>
    public static async Task<int> RunAsync(BenchOptions options, MatrixReport report)
    {
        foreach (var plan in MatrixPlan.All.Where(plan => options.Wants(plan.Path)))
        {
            Console.WriteLine($"{plan.Path}: {plan.Note}");
            var results = new List<MatrixResult>();
            try
            {
                foreach (var payload in plan.Cells.GroupBy(cell => cell.PayloadBytes))
                {
                    results.AddRange(await RunAsync(plan, payload.Key, [.. payload], options));
                }
            }
            catch (MeasurementException e)
            {
                Console.WriteLine($"  FAILED: {e.Message}");
                return 1;
            }

            report.Add(plan, results);
        }

        return 0;
    }

    static async Task<IEnumerable<MatrixResult>> RunAsync(MatrixPlan plan, int payload, MatrixCell[] cells, BenchOptions options)
    {
        var planted = (Host: options.Plant == Plant.Host ? 1 : 0, Yardstick: options.Plant == Plant.Yardstick ? 1 : 0);
        var events = options.EventsOr(MatrixPlan.Events(payload));
        await using var work = await plan.PrepareAsync(payload, events);
        using var interruption = new Interruption(work);
        var runs = cells.ToDictionary(cell => cell, _ => new List<(Sample, Sample)>());
        for (var round = options.Quick ? 1 : 0; round <= options.Runs; round++)
        {
            var yardstick = await work.Yardsticks[0](planted.Yardstick);
            Console.WriteLine($"  {(round == 0 ? "warm-up" : $"round {round}")}, {payload} B: {yardstick.Subject} {yardstick.EventsPerSecond:N0} events/s");

            // One setting is enough to warm up servers and disk: the host starts cold each time.
            foreach (var cell in round == 0 ? cells[..1] : cells)
            {
                var sample = await work.RunHostAsync(cell.Apply, planted.Host);
                Console.WriteLine(
                    $"    lanes {cell.Lanes}, batch {cell.BatchEvents}, {cell.Ordering}{(cell.Count is { } count ? $", count {count}" : "")}: "
                    + $"{sample.EventsPerSecond:N0} events/s, {sample.ClientCpuMicroseconds:0.00} µs, {sample.AllocatedBytesPerEvent:0} B");
                if (round > 0)
                {
                    runs[cell].Add((sample, yardstick));
                }
            }
        }

        return cells.Select(cell => new MatrixResult(cell, runs[cell]));
    }
}
