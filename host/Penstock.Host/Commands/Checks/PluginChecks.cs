using Penstock.Host.Configuration;
using Penstock.Runtime;

namespace Penstock.Host.Commands;

/// <summary>Lets each plugin of a pipeline look at its server; one that fails or hangs is a finding like the others.</summary>
sealed class PluginChecks(RuntimeServices services)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public IEnumerable<Task<CheckResult>> Start(PipelineConfig pipeline, CancellationToken cancellationToken) =>
    [
        .. pipeline.Sources.Select(source => RunAsync(
            (report, token) => source.Definition.CheckSourceAsync(source.Options, ContextOf(pipeline, source), report, token),
            findings => new CheckResult(pipeline.Name, IsSource: true, source.Name, source.Type, findings),
            cancellationToken)),
        .. pipeline.Sinks.Select(sink => RunAsync(
            (report, token) => sink.Definition.CheckSinkAsync(sink.Options, ContextOf(pipeline, sink), report, token),
            findings => new CheckResult(pipeline.Name, IsSource: false, sink.Name, sink.Type, findings),
            cancellationToken)),
    ];

    /// <summary>What the servers know of the places of a pipeline's sources.</summary>
    public IEnumerable<Task<CheckResult>> StartPositions(PipelineConfig pipeline, CancellationToken cancellationToken) =>
    [
        .. pipeline.Sources.Select(source => RunAsync(
            (report, token) => source.Definition.DescribeSourcePositionAsync(source.Options, ContextOf(pipeline, source), report, token),
            findings => new CheckResult(pipeline.Name, IsSource: true, source.Name, source.Type, findings),
            cancellationToken)),
    ];

    async Task<CheckResult> RunAsync(
        Func<CheckReport, CancellationToken, ValueTask> check, Func<IReadOnlyList<CheckFinding>, CheckResult> toResult, CancellationToken cancellationToken)
    {
        var report = new CheckReport();
        var failure = new CheckReport();
        using var deadline = new CancellationTokenSource(Patience, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // On the pool: a plugin may block before its first await. Given up on after a while: it may ignore the token.
            await Task.Run(async () => await check(report, either.Token), CancellationToken.None).WaitAsync(Patience + Patience / 10, services.Time, cancellationToken);
        }
        catch (PluginException refused)
        {
            failure.Fail(refused.Message, "correct that, then check again");
        }
        catch (Exception slow) when (slow is TimeoutException || deadline.IsCancellationRequested)
        {
            failure.Fail($"the server did not answer everything within {Duration.Format(Patience)}", "see whether it is reachable and not overloaded, then check again");

            // The check may still be writing to its report.
            return toResult(failure.Findings);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            failure.Fail($"the plugin's check threw {error.GetType().Name}", "correct the plugin");
        }

        return toResult([.. report.Findings, .. failure.Findings]);
    }

    SourceContext ContextOf(PipelineConfig pipeline, SourceConfig source) => new()
    {
        Pipeline = pipeline.Name,
        Instance = source.Name,
        Readers = source.Readers,
        LoggerFactory = services.LoggerFactory,
        TimeProvider = services.Time,
        Meter = services.Meter,
    };

    SinkContext ContextOf(PipelineConfig pipeline, SinkConfig sink) => new()
    {
        Pipeline = pipeline.Name,
        Instance = sink.Name,
        Lane = 0,
        LaneCount = sink.Lanes,
        LoggerFactory = services.LoggerFactory,
        TimeProvider = services.Time,
        Meter = services.Meter,
    };
}
