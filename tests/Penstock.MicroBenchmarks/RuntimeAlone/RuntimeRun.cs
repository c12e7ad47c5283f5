using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Runtime;
using Penstock.Runtime.Diagnostics;

namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>One pipeline with a fresh state directory, as the host would build it: every limit and interval has its default.</summary>
sealed class RuntimeRun(EventFactory events, int sinks, string stateDirectory)
{
    public const int Lanes = 4;
    const string SourceName = "source";

    /// <summary>Measures the runtime.</summary>
    public Task<RunFigures> MeasureAsync(long count) => RunAsync(count, _ => new NoOpSink());

    /// <summary>Has every event looked at.</summary>
    public Task VerifyAsync(long count)
    {
        var last = Enumerable.Range(0, sinks).Select(_ => Enumerable.Repeat(-1L, EventFactory.Keys).ToArray()).ToArray();
        return RunAsync(count, sink => new CheckingSink(last[sink]));
    }

    async Task<RunFigures> RunAsync(long count, Func<int, NoOpSink> create)
    {
        using var meter = new Meter(Instruments.MeterName);
        var services = new RuntimeServices(NullLoggerFactory.Instance, TimeProvider.System, meter);
        var source = new FreshSource(events, count);
        var lanes = new List<NoOpSink>();
        var plan = new PipelinePlan("runtime", [new SourcePlan(SourceName, _ => source)], [.. Enumerable.Range(0, sinks).Select(Sink)]);
        var directory = Path.Combine(stateDirectory, Path.GetRandomFileName());
        var pipeline = new Pipeline(plan, new RuntimeOptions(Directory.CreateDirectory(directory).FullName), services);

        // What one run leaves behind is not the next one's to collect.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var before = Usage.Now();
        var result = await pipeline.RunAsync(CancellationToken.None, CancellationToken.None);
        var used = Usage.Now().Since(before, count, source.Began, lanes.Max(lane => lane.Ended));

        Check(result, source, lanes.Sum(lane => lane.Events), count);
        return used;

        SinkPlan Sink(int number) => new(
            $"sink-{number}",
            _ =>
            {
                var lane = create(number);
                lanes.Add(lane);
                return lane;
            })
        { Lanes = Lanes };
    }

    void Check(PipelineResult result, FreshSource source, long taken, long count)
    {
        if (result.State != PipelineState.Completed)
        {
            throw new InvalidOperationException($"The pipeline ended as {result.State}: {result.Reason}");
        }

        if (taken != count * sinks || source.Acknowledged != count || !result.Books.All(book => book.Balance && book.Read == count && book.Delivered == count))
        {
            throw new InvalidOperationException(
                $"Expected {count} events in each of {sinks} sinks and acknowledged; the sinks took {taken}, acknowledged are {source.Acknowledged}, the books say: {string.Join("; ", result.Books)}");
        }
    }
}
