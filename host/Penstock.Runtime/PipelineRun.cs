using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Guarantees;
using Penstock.Runtime.Losses;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime;

/// <summary>One pipeline from its first connection to its last acknowledgement.</summary>
/// <param name="plan">What to run.</param>
/// <param name="layouts">Of sinks that store positions, the lanes to replay with, where they are not those of the plan; then the run ends when all is replayed.</param>
/// <param name="options">What all pipelines share.</param>
/// <param name="services">What comes from outside.</param>
sealed class PipelineRun(PipelinePlan plan, IReadOnlyDictionary<string, LaneLayout> layouts, RuntimeOptions options, RuntimeServices services)
{
    // How long each step after the drain may take: ending, the last acknowledgement, closing. All of them fit into what the drain leaves of 30 s.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    readonly ILogger _log = services.LoggerFactory.CreateLogger<PipelineRun>();
    readonly List<SourceRunner> _sources = [];
    readonly List<SinkRunner> _sinks = [];
    volatile bool _isBuilt;

    /// <summary>The sources, once they are made; for the gauges.</summary>
    public IReadOnlyList<SourceRunner> Sources => _isBuilt ? _sources : [];

    public PipelineStatus Status => _isBuilt
        ? new([.. _sources.Select(source => source.Progress)], [.. _sources.SelectMany(source => source.Steps), .. _sinks.SelectMany(sink => sink.Steps)]) { ChangesLanes = layouts.Count > 0 }
        : PipelineStatus.None;

    /// <summary>Whether everything that a sink held at the start is replayed, and everything that was read is settled and in the checkpoint.</summary>
    public bool HasCaughtUp => _sources.All(source => source.CaughtUp.IsCompletedSuccessfully && source.IsAtRest);

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
            await OpenAsync(stop);
            PrintGuarantees();
            _log.Running(plan.Name);
            using var stopping = stopReading.Register(() => _log.Stopping(plan.Name));
            await WorkAsync(stop, cut, abort);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped before the sinks were open, or cut off: what is not settled comes again.
        }
        catch (Exception stopped)
        {
            failure = Explain(stopped);
        }

        failure = await CommitLastAsync(failure);
        if (failure is not null)
        {
            _log.PipelineFailed(failure, plan.Name, failure.Message);
        }

        var books = PrintBooks();
        await DisposeAsync();
        _log.Ended(plan.Name);
        return new PipelineResult(failure?.State ?? PipelineState.Completed, failure?.Message, books);
    }

    string StateDirectory => Path.Combine(options.StateDirectory, plan.Name);

    void Build()
    {
        var state = Directory.CreateDirectory(StateDirectory).FullName;
        // A checkpoint is no more durable than the directory it lies in.
        DirectoryFlush.ToDisk(options.StateDirectory);
        // First, so that nothing is left open when a checkpoint is refused.
        var checkpoints = plan.Sources.Select(source => Load(new CheckpointStore(state, plan.Name, source.Name, services))).ToList();
        _sinks.AddRange(plan.Sinks.Select(sink => new SinkRunner(plan.Name, sink.With(layouts.GetValueOrDefault(sink.Name, sink.Layout)), state, services)));
        // One for all sources: two writers would overwrite each other's lines.
        var losses = new LossLog(state);
        foreach (var (source, (store, checkpoint)) in plan.Sources.Zip(checkpoints))
        {
            _sources.Add(new SourceRunner(plan.Name, source, _sinks, store, checkpoint, losses, services));
        }

        _isBuilt = true;
    }

    static (CheckpointStore Store, Checkpoint Checkpoint) Load(CheckpointStore store) => (store, store.Load());

    async Task OpenAsync(CancellationTokenSource stop)
    {
        Task[] opening = [.. _sinks.SelectMany(sink => sink.Open(stop.Token))];
        try
        {
            await FirstFailureOrAsync(Task.WhenAll(opening), opening);
        }
        catch (Exception)
        {
            await stop.CancelAsync();
            await EndAsync(opening);
            throw;
        }

        foreach (var source in _sources)
        {
            await source.ResumeAsync(stop.Token);
        }
    }

    async Task WorkAsync(CancellationTokenSource stop, CancellationTokenSource cut, CancellationToken abort)
    {
        using var commitEnds = new CancellationTokenSource();
        using var acknowledging = CancellationTokenSource.CreateLinkedTokenSource(abort);
        var lanes = _sinks.SelectMany(sink => sink.Run(cut.Token)).ToList();
        var pumps = _sources.ConvertAll(source => source.PumpAsync(stop.Token, cut.Token));
        var commits = _sources.ConvertAll(source => source.CommitAlwaysAsync(options.CheckpointInterval, commitEnds.Token, acknowledging.Token));
        var requests = _sources.ConvertAll(source => source.ServeRequestsAsync(StateDirectory, stop.Token));
        var catchingUp = layouts.Count > 0 ? StopWhenCaughtUpAsync(stop) : Task.CompletedTask;
        try
        {
            await DrainAsync(FirstFailureOrAsync(DeliverAsync(pumps, lanes), [.. pumps, .. lanes, .. commits]), stop.Token, abort);
        }
        finally
        {
            await stop.CancelAsync();
            await catchingUp;
            await cut.CancelAsync();
            await EndAsync([.. pumps, .. lanes, .. requests]);
            // An acknowledgement on its way is finished: what it was for would come again.
            await commitEnds.CancelAsync();
            await EndAsync([.. commits]);
            await acknowledging.CancelAsync();
            await EndAsync([.. commits]);
        }
    }

    async Task StopWhenCaughtUpAsync(CancellationTokenSource stop)
    {
        await Task.WhenAll(_sources.Select(source => source.CaughtUp)).WaitAsync(stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stop.CancelAsync();
    }

    async Task DeliverAsync(IEnumerable<Task> pumps, IEnumerable<Task> lanes)
    {
        await Task.WhenAll(pumps);
        foreach (var sink in _sinks)
        {
            sink.Complete();
        }

        await Task.WhenAll(lanes);
    }

    // The deadline counts from the request to stop, for a pump may wait for room in a lane that never gets any. Sources that end by themselves have none.
    async Task DrainAsync(Task delivered, CancellationToken stop, CancellationToken abort)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Register(() => stopped.TrySetResult());
        await Task.WhenAny(delivered, stopped.Task);
        try
        {
            await delivered.WaitAsync(options.DrainTimeout, services.Time, abort);
        }
        catch (TimeoutException)
        {
            _log.DrainTimedOut(plan.Name, options.DrainTimeout.TotalSeconds);
        }
    }

    // Gives what was told to end a moment to do so; why it ended is known already.
    async Task EndAsync(Task[] tasks) =>
        await Task.WhenAll(tasks).WaitAsync(Grace, services.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

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
    async Task<PipelineFailureException?> CommitLastAsync(PipelineFailureException? failure)
    {
        var refusals = await Task.WhenAll(_sources.Select(CommitLastAsync));
        return failure ?? Array.Find(refusals, refusal => refusal is not null);
    }

    async Task<PipelineFailureException?> CommitLastAsync(SourceRunner source)
    {
        using var deadline = new CancellationTokenSource(Grace, services.Time);
        try
        {
            await source.CommitLastAsync(deadline.Token).WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // The source is gone; it repeats what it must.
        }
        catch (Exception refused)
        {
            return Explain(refused);
        }

        return null;
    }

    PipelineFailureException Explain(Exception failure) =>
        failure as PipelineFailureException ?? new PipelineFailureException($"{plan.Name}: {failure.Message}", failure);

    void PrintGuarantees()
    {
        foreach (var source in _sources)
        {
            foreach (var sink in _sinks)
            {
                _log.Guarantee(
                    plan.Name,
                    source.Name,
                    sink.Plan.Name,
                    Guarantee.Describe(source.Traits, sink.Traits, sink.Plan.Ordering, sink.Plan.Lanes, _sources.Count, sink.Plan.PassesDeadLetters));
            }
        }
    }

    Books[] PrintBooks()
    {
        Books[] books = [.. _sources.SelectMany(source => source.Books())];
        foreach (var book in books)
        {
            _log.Books(plan.Name, book.Source, book.Sink, book.Read, book.Delivered, book.Skipped, book.DeadLettered, book.InFlight);
        }

        return books;
    }

    Task DisposeAsync() =>
        Task.WhenAll(_sources.Select(source => DisposeAsync(source.Name, source)).Concat(_sinks.Select(sink => DisposeAsync(sink.Plan.Name, sink))));

    async Task DisposeAsync(string part, IAsyncDisposable resource)
    {
        try
        {
            await resource.DisposeAsync().AsTask().WaitAsync(Grace, services.Time);
        }
        catch (Exception failure)
        {
            _log.DisposeFailed(failure, plan.Name, part);
        }
    }
}
