using System.Diagnostics;
using System.Diagnostics.Metrics;
using Penstock.Runtime.Losses;

namespace Penstock.Runtime.Diagnostics;

/// <summary>The runtime's instruments. Names and labels are documented in docs/metrics.md and fixed.</summary>
sealed class Instruments(Meter meter)
{
    public const string MeterName = "Penstock";

    public Counter<long> SourceEvents { get; } = meter.CreateCounter<long>("penstock_source_events_total", "{event}", "Events received from a source.");

    public Counter<long> SourceReconnects { get; } =
        meter.CreateCounter<long>("penstock_source_reconnects_total", "{reconnect}", "Times a source's reading failed and was begun again.");

    public Gauge<double> SourceLag { get; } =
        meter.CreateGauge<double>("penstock_source_lag_seconds", "s", "Age of the newest event when it was received, by the source's clock.");

    public Counter<long> SinkEvents { get; } = meter.CreateCounter<long>("penstock_sink_events_total", "{event}", "Events a sink has made durable.");

    public Counter<long> SinkBatches { get; } = meter.CreateCounter<long>("penstock_sink_batches_total", "{batch}", "Batches a sink has made durable.");

    public Histogram<double> SinkLatency { get; } =
        meter.CreateHistogram<double>("penstock_sink_latency_seconds", "s", "Time from the first attempt to write a batch until it was durable.");

    public Histogram<double> StageLatency { get; } =
        meter.CreateHistogram<double>("penstock_stage_latency_seconds", "s", "Time spent in a stage: queue, write, checkpoint, acknowledge.");

    public Histogram<double> EndToEndLatency { get; } =
        meter.CreateHistogram<double>("penstock_end_to_end_latency_seconds", "s", "Time from the change, by the source's clock, until it was durable; of the oldest event of each batch.");

    public Counter<long> Retries { get; } = meter.CreateCounter<long>("penstock_retries_total", "{retry}", "Attempts of a sink that failed and were made again.");

    public Counter<long> DeadLetters { get; } =
        meter.CreateCounter<long>("penstock_dead_letters_total", "{event}", "Events kept as dead letters instead of being delivered.");

    public Counter<long> LossWindows { get; } = meter.CreateCounter<long>("penstock_loss_windows_total", "{window}", "Loss windows opened.");

    public Counter<long> EventsMissed { get; } =
        meter.CreateCounter<long>("penstock_events_missed_total", "{event}", "Events that are known to be missed, where the server tells the number.");

    /// <summary>Makes the counters of a source exist at 0: to who scrapes, the first increment would be none if they came with it.</summary>
    public void Begin(string pipeline, string source)
    {
        var labels = new TagList { { "pipeline", pipeline }, { "source", source } };
        SourceEvents.Add(0, labels);
        SourceReconnects.Add(0, labels);
        foreach (var cause in Enum.GetValues<LossCause>())
        {
            var ofCause = new TagList { { "pipeline", pipeline }, { "source", source }, { "cause", LossJson.Name(cause) } };
            LossWindows.Add(0, ofCause);
            EventsMissed.Add(0, ofCause);
        }
    }

    /// <summary>What is in flight, lane depth and checkpoint age are read from the pipelines when somebody asks.</summary>
    public void Observe(
        Func<IEnumerable<Measurement<long>>> inFlight,
        Func<IEnumerable<Measurement<long>>> bytesInFlight,
        Func<IEnumerable<Measurement<long>>> laneDepth,
        Func<IEnumerable<Measurement<double>>> checkpointAge)
    {
        meter.CreateObservableGauge("penstock_events_in_flight", inFlight, "{event}", "Events read and not yet settled in every sink.");
        meter.CreateObservableGauge("penstock_bytes_in_flight", bytesInFlight, "By", "Bytes of event data read and not yet settled; an event counts once for every sink that holds it.");
        meter.CreateObservableGauge("penstock_lane_depth", laneDepth, "{event}", "Events in a lane, waiting or being written.");
        meter.CreateObservableGauge("penstock_checkpoint_age_seconds", checkpointAge, "s", "Time since the checkpoint was last written or found to be up to date.");
    }
}
