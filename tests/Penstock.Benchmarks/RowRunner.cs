using System.Data.Common;
using System.Net.Sockets;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Report;
using Penstock.Benchmarks.Rows;

namespace Penstock.Benchmarks;

/// <summary>Measures one row: a pair to warm up, then host and yardsticks in turn.</summary>
static class RowRunner
{
    public static async Task<RowResult> RunAsync(BenchRow row, BenchOptions options)
    {
        Console.WriteLine($"{row.Name}: {row.What}");
        var runs = new List<IReadOnlyList<Sample>>();
        try
        {
            await using var work = await row.PrepareAsync(options);
            using var interruption = new Interruption(work);
            for (var run = options.Quick ? 1 : 0; run <= options.Runs; run++)
            {
                var samples = new List<Sample> { Print(run, await work.RunHostAsync(options.Plant == Plant.Host ? 1 : 0)) };
                foreach (var yardstick in work.Yardsticks)
                {
                    samples.Add(Print(run, await yardstick(options.Plant == Plant.Yardstick ? 1 : 0)));
                }

                if (run > 0)
                {
                    runs.Add(samples);
                }
            }

            return new RowResult(row, runs, Failure: null);
        }
        catch (Exception e) when (e is MeasurementException or InvalidOperationException or TimeoutException or IOException or DbException or SocketException)
        {
            Console.WriteLine($"  FAILED: {e.Message}");
            return new RowResult(row, runs, e.Message);
        }
    }

    static Sample Print(int run, Sample sample)
    {
        var servers = string.Concat((sample.ServerCpuMicroseconds ?? new Dictionary<string, double>()).Select(server => $"  {server.Key} {server.Value:0.00}"));
        Console.WriteLine(
            $"  {(run == 0 ? "warm-up" : $"run {run}"),-8} {sample.Subject,-28} {sample.EventsPerSecond,11:N0} events/s  {sample.Seconds,6:0.00} s"
            + $"  CPU µs/event: own {sample.ClientCpuMicroseconds:0.00}{servers}"
            + (sample.AllocatedBytesPerEvent is { } bytes ? $"  {bytes:0} B/event" : "")
            + (sample.PeakResidentBytes is { } peak ? $"  peak {peak / 1e6:0} MB" : "")
            + (sample.StartToFirstSeconds is { } start ? $"  first after {start:0.000} s" : "")
            + (sample.Latency is { } latency ? $"  p50 {latency.P50:0.000} p99 {latency.P99:0.000} p99.9 {latency.P999:0.000} max {latency.Max:0.0} ms" : "")
            + (sample.LatencyFromCommit is { } commit ? $"  (from commit p50 {commit.P50:0.000} p99 {commit.P99:0.000} ms)" : ""));
        return sample;
    }
}
