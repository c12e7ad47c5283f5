using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Guarantees;

namespace Penstock.Runtime;

/// <summary>Runs one pipeline from its first connection to its last acknowledgement.</summary>
sealed class Pipeline(PipelinePlan plan, RuntimeOptions options, RuntimeServices services)
{
    // How long a source may take over its last acknowledgement, and a part that was cut off over noticing it.
    static readonly TimeSpan LastCommit = TimeSpan.FromSeconds(5);

    readonly ILogger _log = services.LoggerFactory.CreateLogger<Pipeline>();
    readonly List<SourceRunner> _sources = [];
    readonly List<SinkRunner> _sinks = [];

    public string Name => plan.Name;

    /// <summary>The sources, once the pipeline runs; for the gauges.</summary>
    public IReadOnlyList<SourceRunner> Sources => _sources;

    /// <summary>Runs until the sources end, reading is stopped, or something fails that only an operator can mend.</summary>
    /// <param name="stopReading">Ends the reading; what was read is still delivered, checkpointed and acknowledged.</param>
    /// <param name="abort">Ends everything at once; the next start repeats what was not settled.</param>
    public async Task<PipelineResult> RunAsync(CancellationToken stopReading, CancellationToken abort)
    {
        PipelineFailureException? failure = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopReading, abort);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(abort);
        try
        {
            Build();
            await Task.WhenAll(_sinks.Select(sink => sink.OpenAsync(stop.Token)));
            PrintGuarantees();
            await WorkAsync(stop, cut);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped before the sinks were open, or cut off: what is not settled comes again.
        }
        catch (PipelineFailureException stopped)
        {
            failure = stopped;
            _log.PipelineFailed(stopped, plan.Name, stopped.Message);
        }

        failure ??= await CommitLastAsync();
        var books = PrintBooks();
        await DisposeAsync();
        return new PipelineResult(failure?.State ?? PipelineState.Completed, failure?.Message, books);
    }

    void Build()
    {
        var state = Directory.CreateDirectory(Path.Combine(options.StateDirectory, plan.Name)).FullName;
        _sinks.AddRange(plan.Sinks.Select(sink => new SinkRunner(plan.Name, sink, services)));
        _sources.AddRange(plan.Sources.Select(source => new SourceRunner(plan.Name, source, _sinks, state, services)));
    }

    async Task WorkAsync(CancellationTokenSource stop, CancellationTokenSource cut)
    {
        using var commitEnds = CancellationTokenSource.CreateLinkedTokenSource(cut.Token);
        var lanes = _sinks.SelectMany(sink => sink.Run(cut.Token)).ToList();
        var pumps = _sources.ConvertAll(source => source.PumpAsync(stop.Token, cut.Token));
        var commits = _sources.ConvertAll(source => source.CommitAlwaysAsync(options.CheckpointInterval, commitEnds.Token));
        try
        {
            var pumped = Task.WhenAll(pumps);
            await FirstFailureOrAsync(pumped, [.. pumps, .. lanes, .. commits]);
            foreach (var sink in _sinks)
            {
                sink.Complete();
            }

            await DrainAsync(Task.WhenAll(lanes), [.. lanes, .. commits]);
        }
        finally
        {
            await stop.CancelAsync();
            await cut.CancelAsync();
            await Task.WhenAll([.. pumps, .. lanes, .. commits]).WaitAsync(LastCommit, services.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task DrainAsync(Task drained, Task[] all)
    {
        try
        {
            await FirstFailureOrAsync(drained, all).WaitAsync(options.DrainTimeout, services.Time);
        }
        catch (TimeoutException)
        {
            _log.DrainTimedOut(plan.Name, options.DrainTimeout.TotalSeconds);
        }
    }

    // Returns when the work is done, and throws as soon as any task fails: a lane that gave up must not wait for a pump that it blocks.
    static async Task FirstFailureOrAsync(Task work, Task[] all)
    {
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var task in all)
        {
            _ = task.ContinueWith(
                (ended, state) => ((TaskCompletionSource)state!).TrySetException(ended.Exception!.InnerExceptions),
                failed,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
        }

        await await Task.WhenAny(work, failed.Task);
    }

    // What settled is worth a last checkpoint and acknowledgement, however the pipeline ended.
    async Task<PipelineFailureException?> CommitLastAsync()
    {
        using var deadline = new CancellationTokenSource(LastCommit, services.Time);
        try
        {
            foreach (var source in _sources)
            {
                await source.CommitAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The source is gone; it repeats what it must.
        }
        catch (PipelineFailureException failure)
        {
            return failure;
        }

        return null;
    }

    void PrintGuarantees()
    {
        foreach (var source in _sources)
        {
            foreach (var sink in _sinks)
            {
                _log.Guarantee(plan.Name, source.Name, sink.Plan.Name, Guarantee.Describe(source.Traits, sink.Traits, sink.Plan.Ordering, sink.Plan.Lanes));
            }
        }
    }

    Books[] PrintBooks()
    {
        Books[] books = [.. _sources.SelectMany(source => source.Books())];
        foreach (var book in books)
        {
            _log.Books(plan.Name, book.Source, book.Sink, book.Read, book.Delivered, book.InFlight);
        }

        return books;
    }

    async Task DisposeAsync()
    {
        foreach (var (part, resource) in _sources.Select(source => (source.Name, (IAsyncDisposable)source))
            .Concat(_sinks.Select(sink => (sink.Plan.Name, (IAsyncDisposable)sink))))
        {
            try
            {
                await resource.DisposeAsync();
            }
            catch (Exception failure)
            {
                _log.DisposeFailed(failure, plan.Name, part);
            }
        }
    }
}
