using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Lanes;

namespace Penstock.Runtime.DeadLetters;

/// <summary>The dead letters of one lane: which events have to become one, and the wait until they are.</summary>
sealed class LaneLetters(LaneIdentity lane, DeadLetterStore store, PoisonPolicy onPoison, SameKeyPolicy sameKey, RuntimeServices services)
{
    readonly StepWatch _watch = new(StepKind.DeadLetter, lane.Sink, lane.Number, services.Time);
    readonly ILogger _log = services.LoggerFactory.CreateLogger<LaneLetters>();

    /// <summary>Whether a refused event becomes a dead letter; else it stops the pipeline.</summary>
    public bool TakesRefused => onPoison == PoisonPolicy.DeadLetter;

    public StepStatus Status => _watch.Status;

    // Also when refused events stop the pipeline: letters from before wait in front of their keys.
    bool Parks => sameKey == SameKeyPolicy.Park && store.OpenCount > 0;

    /// <summary>How many of these events come before the first that has to wait behind a dead letter.</summary>
    public int CountFree(ReadOnlySpan<ChangeEvent> events)
    {
        var count = Parks ? 0 : events.Length;
        while (count < events.Length && !store.IsParked(events[count]))
        {
            count++;
        }

        return count;
    }

    /// <summary>Parks all events that have to wait, and returns how many of the first ones are parked.</summary>
    public async Task<int> ParkAsync(Batch batch, CancellationToken cancellationToken)
    {
        // One flush for the batch: what lies further back meets its letter when its turn comes.
        var letters = ParkedOf(batch.OpenEvents, out var first);
        await KeepAsync(letters, cancellationToken);
        return first;
    }

    /// <summary>Returning means durable.</summary>
    public async Task KeepRefusedAsync(ChangeEvent change, PluginException refusal, int attempts, TimeSpan took, CancellationToken cancellationToken)
    {
        var now = services.Time.GetUtcNow();
        await KeepAsync([DeadLetter.Refused(change, lane.Number, refusal, attempts, now - took, now)], cancellationToken);
        _log.DeadLetter(lane, change.Id, refusal.Message);
    }

    List<DeadLetter> ParkedOf(ReadOnlySpan<ChangeEvent> events, out int first)
    {
        var now = services.Time.GetUtcNow();
        var letters = new List<DeadLetter>();
        first = 0;
        for (var i = 0; i < events.Length; i++)
        {
            if (store.IsParked(events[i]))
            {
                letters.Add(DeadLetter.Parked(events[i], lane.Number, now));
                first += first == i ? 1 : 0;
            }
        }

        return letters;
    }

    // A full disk halts the lane until there is room: an event that is nowhere must not count as settled.
    async Task KeepAsync(List<DeadLetter> letters, CancellationToken cancellationToken)
    {
        await SocketThread.LeaveAsync();
        var backoff = new Backoff(new RetryDelays(), services.Time, services.Random);
        while (!TryKeep(letters))
        {
            await backoff.PauseAsync(backoff.NextDelay(), cancellationToken);
        }
    }

    bool TryKeep(List<DeadLetter> letters)
    {
        _watch.Begin();
        try
        {
            store.Keep(letters);
            _watch.End();
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _watch.Fail(failure.Message);
            _log.DeadLettersFail(lane, letters.Count, failure.Message);
            return false;
        }
    }
}
