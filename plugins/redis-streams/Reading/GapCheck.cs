using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Now and then compares how many entries were added with how many were read: Redis itself tells nobody that entries were trimmed
/// before they were read.
/// </summary>
/// <param name="look">Asks the server.</param>
/// <param name="isOptional">Whether reading goes on when the server refuses to tell.</param>
/// <param name="endpoint">The server, for reports.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where to tell what was found.</param>
sealed class GapCheck(
    Func<StreamState, CancellationToken, ValueTask<StreamFacts?>> look, bool isOptional, string endpoint, TimeProvider time, ILogger log)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    long? _checked;
    bool _isRefused;

    /// <summary>Whether it is time to look again.</summary>
    public bool IsDue => !_isRefused && (_checked is not { } at || time.GetElapsedTime(at) >= Interval);

    /// <summary>
    /// The losses that are new. Each is followed by a watermark, which keeps what is counted from being reported again; nothing is taken for told before
    /// its reader comes back for more.
    /// </summary>
    public async IAsyncEnumerable<SourceMessage> FindAsync(IReadOnlyList<StreamState> streams, [EnumeratorCancellation] CancellationToken stopReading)
    {
        _checked = time.GetTimestamp();
        foreach (var stream in streams)
        {
            // Before we ask: other readers of the stream go on meanwhile.
            var read = stream.ReadSoFar();
            if (await LookAsync(stream, stopReading).ConfigureAwait(false) is not { } facts)
            {
                continue;
            }

            if (stream.HasGoneBack(facts, read))
            {
                yield return BackwardsOf(stream, facts);
                stream.IsBehindItself = true;
                stream.CountAnew(facts);
                yield return stream.ToWatermark();
                continue;
            }

            if (stream.IsAnotherThan(facts))
            {
                yield return AnewOf(stream, facts);
                stream.CountAnew(facts);
                yield return stream.ToWatermark();
                continue;
            }

            if (stream.SentForwardFrom(facts) is { } from)
            {
                yield return SkippedOf(stream, facts, from);
                yield return stream.ToWatermark();
            }

            if (facts.Missed is { } missed)
            {
                var known = stream.Known(facts, missed);
                if (missed > known)
                {
                    yield return LossOf(stream, facts, missed - known);
                    stream.Missed = missed;
                    yield return stream.ToWatermark();
                }

                // The server may have begun to count anew.
                stream.Missed = missed;
            }

            stream.Added = facts.Added;
        }
    }

    async ValueTask<StreamFacts?> LookAsync(StreamState stream, CancellationToken stopReading)
    {
        if (_isRefused)
        {
            return null;
        }

        try
        {
            return await look(stream, stopReading).ConfigureAwait(false);
        }
        catch (RedisException e) when (isOptional && e.Code == "NOPERM")
        {
            _isRefused = true;
            log.GapsStayUnseen(stream.Name, endpoint, e.Message);
            return null;
        }
        catch (RedisException e) when (e.Code == "OOM")
        {
            // A server without memory queues no transaction, but reading goes on, and makes room. What is lost meanwhile is counted when it has some.
            return null;
        }
    }

    LossWindow BackwardsOf(StreamState stream, in StreamFacts facts)
    {
        log.StreamWentBack(stream.Name, endpoint, facts.LastGenerated, stream.LastEmitted);
        return WindowOf(
            stream,
            LossCause.Recreated,
            $"The stream's newest entry is {facts.LastGenerated}, although {stream.LastEmitted} was read from it: it was deleted and made anew, "
            + "or a server that lagged has taken over.");
    }

    LossWindow AnewOf(StreamState stream, in StreamFacts facts)
    {
        log.StreamWasMadeAnew(stream.Name, endpoint);
        return WindowOf(
            stream,
            LossCause.Deleted,
            "The stream was deleted and made anew, or a server that lagged has taken over; what it held and was not read by then is gone. "
            + $"The last entry that was read is {facts.Delivered}.");
    }

    LossWindow SkippedOf(StreamState stream, in StreamFacts facts, StreamId from)
    {
        var now = time.GetUtcNow();
        log.GroupWasSentForward(stream.Name, endpoint, from, facts.Delivered);
        return new LossWindow
        {
            Cause = LossCause.PositionLost,
            OpenedAt = Earlier(from.Time, now),
            ClosedAt = Earlier(facts.Delivered.Time, now),
            Node = endpoint,
            Subject = stream.Name,
            Detail = $"The group was sent forward (XGROUP SETID) from {from} or a little behind it to {facts.Delivered}: what lies between was given to nobody.",
        };
    }

    LossWindow WindowOf(StreamState stream, LossCause cause, string detail)
    {
        var now = time.GetUtcNow();
        return new LossWindow
        {
            Cause = cause,
            OpenedAt = Earlier(stream.LastEmitted.Time, now),
            ClosedAt = now,
            Node = endpoint,
            Subject = stream.Name,
            Detail = detail,
        };
    }

    LossWindow LossOf(StreamState stream, in StreamFacts facts, long missed)
    {
        var now = time.GetUtcNow();
        var next = facts.First is { } first && facts.IsOvertaken ? first : facts.LastGenerated;
        log.EntriesWereTrimmed(missed, stream.Name, endpoint, next);
        return new LossWindow
        {
            Cause = LossCause.Trimmed,
            IsCertain = true,
            Missed = missed,
            OpenedAt = Earlier(facts.Delivered.Time, now),
            ClosedAt = Earlier(next.Time, now),
            Node = endpoint,
            Subject = stream.Name,
            Detail = facts.IsOvertaken
                ? $"{missed} entries behind {facts.Delivered} and before {next} were trimmed or deleted before they were read."
                : $"{missed} entries before {next} were trimmed or deleted before they were read.",
        };
    }

    // Producers may choose any id, also one that is no time, or one to come.
    static DateTimeOffset Earlier(DateTimeOffset? id, DateTimeOffset now) => id is { } at && at < now ? at : now;
}
