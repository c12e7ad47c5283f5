using Penstock.Host.Configuration;
using Penstock.Runtime;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Settlement;

namespace Penstock.Host.Running;

/// <summary>Turns what the user wrote into what the runtime runs.</summary>
static class PipelinePlans
{
    public static PipelinePlan Of(PipelineConfig pipeline) =>
        new(pipeline.Name, [.. pipeline.Sources.Select(Of)], [.. pipeline.Sinks.Select(Of)]);

    static SourcePlan Of(SourceConfig source) => new(source.Name, context => source.Definition.CreateSource(source.Options, context))
    {
        Readers = source.Readers,
        InFlight = new InFlightLimits { MaxEvents = source.InFlight.MaxEvents, MaxBytes = source.InFlight.MaxBytes.Bytes },
    };

    static SinkPlan Of(SinkConfig sink) => new(sink.Name, context => sink.Definition.CreateSink(sink.Options, context))
    {
        Lanes = sink.Lanes,
        StoresPositions = sink.Definition.GetTraitsOf(sink.Options).StoresPositions,
        MissingPositionIsLoss = sink.Definition.GetTraitsOf(sink.Options).MissingPositionIsLoss,
        Ordering = sink.Ordering,
        Batch = new BatchLimits { MaxEvents = sink.Batch.MaxEvents, MaxBytes = sink.Batch.MaxBytes.Bytes, MaxDelay = sink.Batch.MaxDelay, WholeTransactions = sink.Batch.WholeTransactions },
        OnPoison = sink.OnPoison,
        SameKey = sink.DeadLetters.SameKey,
        Retry = new RetryDelays { Initial = sink.Retry.InitialDelay, Max = sink.Retry.MaxDelay },
    };
}
