using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime.Settlement;

/// <summary>
/// Where a source begins and what each sink need not get again, from the checkpoint and from what the sinks say they hold. Only for a source
/// whose positions are ordered: without order nothing is ever skipped.
/// </summary>
sealed class Resumption(string pipeline, string source, Checkpoint checkpoint, ILogger log)
{
    readonly Dictionary<string, Watermark> _from = checkpoint.Partitions.ToDictionary(watermark => watermark.Position.Partition, StringComparer.Ordinal);
    readonly Dictionary<string, UInt128> _beyond = new(StringComparer.Ordinal);

    /// <summary>Where the source begins: the checkpoint, unless a sink has lost some of what it covers.</summary>
    public IReadOnlyList<Watermark> From => [.. _from.Values];

    /// <summary>The newest position that some sink holds, per partition; beyond it a replay ends for sure.</summary>
    public IReadOnlyDictionary<string, UInt128> Beyond => _beyond;

    /// <summary>Where this sink is; adds its view to the others.</summary>
    /// <exception cref="PipelineFailureException">The sink holds events that no checkpoint accounts for.</exception>
    public (SinkProgress Progress, ReplayFilter Filter) Add(SinkState sink)
    {
        var cursor = checkpoint.CursorOf(sink.Name);
        if (cursor is null && checkpoint.Partitions is [var first, ..])
        {
            log.NewSink(pipeline, source, sink.Name, first.Position);
        }

        var settled = (cursor?.Settled ?? checkpoint.Partitions.Select(watermark => watermark.Position)).ToDictionary(position => position.Partition, StringComparer.Ordinal);
        IReadOnlyList<IReadOnlyList<StoredPosition>> stored = [.. sink.Stored?.Select(lane => lane.Where(position => position.Source == source).ToList()) ?? []];
        foreach (var position in stored.SelectMany(lane => lane))
        {
            if (checkpoint.IsUnproven || (cursor?.Layout != sink.Layout && IsBeyondCheckpoint(position.Position)))
            {
                throw Unaccounted(sink.Name, position);
            }

            var partition = position.Position.Partition;
            _beyond[partition] = UInt128.Max(position.Position.Order, _beyond.GetValueOrDefault(partition));
        }

        if (sink.Stored is not null && cursor is not null && cursor.Layout == sink.Layout)
        {
            var missing = new List<(int Lane, SourcePosition Held)>();
            foreach (var (lane, held) in cursor.Held.Index())
            {
                if (held.Count > 0 && sink.Stored[lane].Count == 0 && !sink.MissingPositionIsLoss)
                {
                    log.SinkEmptied(pipeline, source, sink.Name, held[0]);
                }
                else
                {
                    Compare(sink, lane, held, stored[lane], settled, missing);
                }
            }

            if (missing.Count > 0)
            {
                throw Lost(sink.Name, missing);
            }
        }

        return (new SinkProgress(settled.Values), new ReplayFilter(settled.Values, stored.Count == 0 ? [.. Enumerable.Repeat<List<StoredPosition>>([], sink.Layout.Lanes)] : stored));
    }

    // A sink that holds less than it once did has lost data: what it lacks is read again, if the source still has it.
    void Compare(
        SinkState sink, int lane, IReadOnlyList<SourcePosition> held, IReadOnlyList<StoredPosition> stored, Dictionary<string, SourcePosition> settled,
        List<(int Lane, SourcePosition Held)> missing)
    {
        // A sink that looks back over what it wrote need not go on behind a position without a partition.
        var (toldForAll, tellsEach) = (false, true);
        foreach (var position in stored)
        {
            toldForAll |= position.Subject is null;
            tellsEach &= position.Position.Partition.Length > 0;
        }

        foreach (var was in held)
        {
            // Subjects that are stored apart may be moved away one by one: only a position for all of them tells.
            var now = stored.FirstOrDefault(position => position.Subject is null && position.Position.Partition == was.Partition);
            if (now.Source is not null && now.Position.Order < was.Order)
            {
                log.SinkRewound(pipeline, source, sink.Name, now.Position, was);
                Rewind(settled, now.Position);
            }
            else if (now.Source is null && sink.MissingPositionIsLoss)
            {
                missing.Add((lane, was));
            }
            else if (now.Source is null && toldForAll && tellsEach)
            {
                log.SinkEmptied(pipeline, source, sink.Name, was);
            }
        }
    }

    // Only ever backwards: other lanes may hold less than this one, and nothing at all counts as settled where there is no position.
    void Rewind(Dictionary<string, SourcePosition> settled, SourcePosition to)
    {
        if (settled.TryGetValue(to.Partition, out var cursor) && cursor.Order > to.Order)
        {
            settled[to.Partition] = to;
        }

        if (_from.TryGetValue(to.Partition, out var from) && from.Position.Order > to.Order)
        {
            // Without the state, which belongs to a later position: the source decides whether it still has what follows.
            _from[to.Partition] = new Watermark(to);
        }
    }

    bool IsBeyondCheckpoint(SourcePosition position) =>
        checkpoint.Partitions.FirstOrDefault(watermark => watermark.Position.Partition == position.Partition) is not { } saved || saved.Position.Order < position.Order;

    // Not read again from the beginning: to a source that means the first start, at which it may pass over what it has given up.
    PipelineFailureException Lost(string sink, IReadOnlyList<(int Lane, SourcePosition Held)> missing) => new(
        $"{pipeline}/{source} → {sink} has lost what it had confirmed (SinkRewound): it was given events up to "
        + $"{string.Join(", ", missing.Select(part => $"{part.Held} in lane {part.Lane}"))} and tells of no position there, as after a "
        + "restart without persistence, a failover, an eviction, or with a config that leads elsewhere. Nothing was written behind the gap. Restore the sink's data; or say with "
        + $"\"penstock positions reset {pipeline}/{source} --to POSITION\" from where to read again what the source still has, for each of them; or, if it is to go on here without what is lacking, "
        + "give the sink another name in the config: a new sink starts at the checkpoint",
        new PluginException(FailureKind.PositionLost, "the sink's position is gone"));

    PipelineFailureException Unaccounted(string sink, StoredPosition position) => new(
        $"{pipeline}/{source} → {sink}: the sink holds events up to {position.Position}, but there is no checkpoint that accounts for them: the state directory is new or "
        + "was reset, or another sink or other lanes wrote them. Whether these positions mean the same changes cannot be known, and what the sink seems to have would be skipped. "
        + "Move the sink's data away, or restore the state directory, then start again",
        new PluginException(FailureKind.PositionLost, "no checkpoint"));
}
