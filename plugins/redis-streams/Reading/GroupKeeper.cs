using Microsoft.Extensions.Logging;

namespace Penstock.Sources.RedisStreams;

/// <summary>Makes the groups that do not exist, and reports what that means when one of them had existed.</summary>
sealed class GroupKeeper(RedisStreamsOptions options, IReadOnlyList<StreamState> streams, TimeProvider time, ILogger log)
{
    // A group that was there before starts at the first entry: what is in the stream now may be what was not read.
    const string FromTheFirst = "0";

    readonly Queue<(StreamState Stream, LossWindow? Loss)> _reports = [];

    /// <summary>Whether there is something that <see cref="TakeReports"/> would return.</summary>
    public bool HasReports => _reports.Count > 0;

    /// <summary>
    /// Makes what is missing. Reports a loss window for each group that had to be made again, and a first watermark for each that is new
    /// to us.
    /// </summary>
    public async ValueTask EnsureAsync(GroupReader reader, CancellationToken cancellationToken)
    {
        foreach (var stream in streams)
        {
            // As it was before we asked: another reader of the stream may be making the group at the same time.
            var hadGroup = stream.HadGroup;
            var start = hadGroup ? FromTheFirst : options.Start;
            var isMade = await reader.CreateGroupAsync(stream, start, cancellationToken).ConfigureAwait(false);
            stream.IsKnownToTrimmers = true;
            if (!hadGroup)
            {
                // In the checkpoint from now on, so that a group that is lost while the host is down is missed.
                _reports.Enqueue((stream, null));
                stream.HadGroup = true;
            }
            else if (isMade)
            {
                stream.Generation++;
                stream.Missed = null;
                stream.Added = null;

                // Lower ids than before are part of the same news.
                stream.IsBehindItself = true;
                log.GroupWasLost(options.Group!, stream.Name, reader.Endpoint);
                _reports.Enqueue((stream, LossOf(stream, reader.Endpoint)));
            }
        }
    }

    /// <summary>
    /// What there is to report. A report is kept until its consumer comes back for the next: the connection may break while another group
    /// is being made, and a group that exists by then tells nothing any more.
    /// </summary>
    public IEnumerable<SourceMessage> TakeReports()
    {
        while (_reports.TryPeek(out var report))
        {
            if (report.Loss is { } loss)
            {
                yield return loss;
            }

            yield return report.Stream.ToWatermark();
            _reports.Dequeue();
        }
    }

    LossWindow LossOf(StreamState stream, string endpoint)
    {
        var now = time.GetUtcNow();
        var last = stream.LastEmitted;
        return new LossWindow
        {
            Cause = LossCause.Deleted,
            OpenedAt = last != default && last.Time is { } lastTime && lastTime < now ? lastTime : now,
            ClosedAt = now,
            Node = endpoint,
            Subject = stream.Name,
            Detail = $"The group \"{options.Group}\" or its stream was deleted and has been made again at the first entry; "
                + (last == default ? "nothing had been read before." : $"the last entry read before was {last}."),
        };
    }
}
