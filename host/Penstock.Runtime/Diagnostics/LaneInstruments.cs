using System.Diagnostics;
using Penstock.Runtime.Lanes;

namespace Penstock.Runtime.Diagnostics;

/// <summary>The instruments with one lane's labels.</summary>
sealed class LaneInstruments(LaneIdentity lane, Instruments instruments)
{
    readonly TagList _lane = new() { { "pipeline", lane.Pipeline }, { "sink", lane.Sink }, { "lane", lane.Number } };
    readonly TagList _queue = new() { { "pipeline", lane.Pipeline }, { "sink", lane.Sink }, { "stage", "queue" } };
    readonly TagList _write = new() { { "pipeline", lane.Pipeline }, { "sink", lane.Sink }, { "stage", "write" } };

    /// <summary>Makes the lane's counters exist at 0.</summary>
    public void Begin()
    {
        instruments.SinkEvents.Add(0, _lane);
        instruments.SinkBatches.Add(0, _lane);
        instruments.Retries.Add(0, _lane);
        instruments.DeadLetters.Add(0, _lane);
    }

    public void Queued(TimeSpan waited) => instruments.StageLatency.Record(waited.TotalSeconds, _queue);

    public void Retried() => instruments.Retries.Add(1, _lane);

    public void DeadLettered(int events) => instruments.DeadLetters.Add(events, _lane);

    public void Written(Batch batch, TimeSpan took, DateTimeOffset now)
    {
        instruments.SinkEvents.Add(batch.Count, _lane);
        instruments.SinkBatches.Add(1, _lane);
        instruments.SinkLatency.Record(took.TotalSeconds, _lane);
        instruments.StageLatency.Record(took.TotalSeconds, _write);
        if (instruments.EndToEndLatency.Enabled && batch[0].OccurredAt is { } occurredAt)
        {
            instruments.EndToEndLatency.Record((now - occurredAt).TotalSeconds, _lane);
        }
    }
}
