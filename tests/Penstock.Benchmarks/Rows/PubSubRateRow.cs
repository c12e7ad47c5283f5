using Penstock.Benchmarks.Loads;

namespace Penstock.Benchmarks.Rows;

/// <summary>A rate that must be kept up with: the server drops a subscriber that falls behind.</summary>
sealed class PubSubRateRow : BenchRow
{
    const int PerSecond = 200_000;

    public override string Name => "pubsub-discard";

    public override string What => $"Pub/Sub to discard, {PerSecond:N0} messages/s of {PublishLoad.PayloadBytes} B offered, every one counted";

    const double Least = 0.99 * PerSecond;

    // A run that lost a message fails as a whole; the hundredth is for the readings at both ends, since no more than the rate is offered.
    public override IReadOnlyList<Target> Targets =>
    [
        new($"{PerSecond:N0} messages/s offered, none dropped, ≥ {Least:N0} measured", summary => summary.EventsPerSecond.Median, rate => rate >= Least),
        Target.Memory,
    ];

    public override async Task<IWork> PrepareAsync(BenchOptions options) => await PubSubWork.PrepareAsync(PerSecond, PerSecond * (long)options.Seconds);
}
