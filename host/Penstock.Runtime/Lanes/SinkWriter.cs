using Microsoft.Extensions.Logging;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime.Lanes;

/// <summary>Everything that a lane asks of its sink: retried in place for as long as it takes, so that order survives.</summary>
sealed class SinkWriter(LaneIdentity identity, ISink sink, LaneLetters letters, Backoff backoff, Breaker breaker, RuntimeServices services) : IAsyncDisposable
{
    readonly LaneInstruments _instruments = new(identity, services.Instruments);
    readonly StepWatch _watch = new(StepKind.Write, identity.Sink, identity.Number, services.Time);
    readonly ILogger _log = services.LoggerFactory.CreateLogger<Lane>();

    public SinkTraits Traits => sink.Traits;

    /// <summary>Whether the sink acts on schema changes.</summary>
    public bool WantsSchemas => sink is ISchemaAware;

    /// <summary>What the sink held when it was opened; null when it stores no positions.</summary>
    public IReadOnlyList<StoredPosition>? Stored { get; private set; }

    /// <summary>How its writes and its dead letters stand.</summary>
    public IEnumerable<StepStatus> Steps => [_watch.Status, letters.Status];

    /// <summary>Connects the sink, for as long as it takes, and asks what it holds.</summary>
    public ValueTask OpenAsync(CancellationToken cancellationToken) => AttemptAsync(
        static async (writer, _, token) =>
        {
            await writer.Sink.OpenAsync(token);
            writer.Stored = writer.Sink is IResumableSink resumable ? await resumable.ReadPositionsAsync(token) : null;
        },
        default(object?),
        "open",
        cancellationToken);

    /// <summary>Makes the batch durable, in the sink or among the dead letters, and settles it.</summary>
    /// <exception cref="PipelineFailureException">The sink failed in a way that only an operator can mend.</exception>
    public async Task WriteAsync(Batch batch, CancellationToken cancellationToken)
    {
        while (batch.Open > 0)
        {
            batch.Show(letters.CountFree(batch.OpenEvents));
            if (batch.Count > 0)
            {
                await WriteShownAsync(batch, cancellationToken);
            }
            else
            {
                SetAside(batch, await letters.ParkAsync(batch, cancellationToken));
            }
        }
    }

    async Task WriteShownAsync(Batch batch, CancellationToken cancellationToken)
    {
        services.Faults.Pass(FaultPoint.LaneWrite);
        var began = services.Time.GetTimestamp();
        try
        {
            await AttemptAsync(static (writer, events, token) => writer.Sink.WriteAsync(events, token), batch, "write", cancellationToken);
        }
        catch (PipelineFailureException failure) when (failure.InnerException is PluginException { Kind: FailureKind.Poison } poison)
        {
            // Those before the poisoned one are durable: settle them, or they would come again for no reason.
            batch.Show(Math.Clamp(poison.EventIndex, 0, batch.Count - 1));
            SettleWritten(batch, began);
            if (!letters.TakesRefused)
            {
                throw;
            }

            var attempts = backoff.Failures + 1;
            Recover();
            await letters.KeepRefusedAsync(batch.OpenEvents[0], poison, attempts, services.Time.GetElapsedTime(began), cancellationToken);
            SetAside(batch, 1);
            return;
        }

        services.Faults.Pass(FaultPoint.SinkReturned);
        SettleWritten(batch, began);
    }

    void SettleWritten(Batch batch, long began)
    {
        if (batch.Count > 0)
        {
            _instruments.Written(batch, services.Time.GetElapsedTime(began), services.Time.GetUtcNow());
            batch.Settle(batch.Count, delivered: true);
        }
    }

    void SetAside(Batch batch, int count)
    {
        _instruments.DeadLettered(count);
        batch.Settle(count, delivered: false);
    }

    /// <summary>Shows the sink a loss window or a schema change, if it wants to see such.</summary>
    public async Task ShowAsync(SourceMessage notice, CancellationToken cancellationToken)
    {
        if (notice is LossWindow loss && sink is ILossAware)
        {
            await AttemptAsync(static (writer, loss, token) => ((ILossAware)writer.Sink).OnLossAsync(loss, token), loss, "show a loss window to", cancellationToken);
        }

        if (notice is SchemaChange change && WantsSchemas)
        {
            await AttemptAsync(static (writer, change, token) => ((ISchemaAware)writer.Sink).OnSchemaChangeAsync(change, token), change, "show a schema change to", cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => sink.DisposeAsync();

    ISink Sink => sink;

    async ValueTask AttemptAsync<T>(Func<SinkWriter, T, CancellationToken, ValueTask> step, T what, string verb, CancellationToken cancellationToken)
    {
        while (true)
        {
            _watch.Begin();
            try
            {
                await step(this, what, cancellationToken);
                Recover();
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (PluginException failure) when (failure.Kind != FailureKind.Transient)
            {
                throw new PipelineFailureException($"{identity}: {failure.Message}", failure);
            }
            catch (Exception failure)
            {
                var pause = backoff.NextDelay();
                _watch.Fail(failure.Message);
                _instruments.Retried();
                _log.SinkRetries(identity, verb, backoff.Failures, pause, failure.Message);
                await breaker.PauseAsync(this, pause, cancellationToken);
            }
        }
    }

    // Also after a refusal: whoever refuses is there.
    void Recover()
    {
        _watch.End();
        if (backoff.Failures > 0)
        {
            breaker.Recovered();
            _log.SinkRecovered(identity, backoff.Failures);
            backoff.Reset();
        }
    }
}
