namespace Penstock.Runtime;

/// <summary>
/// What one source read and what became of it in one sink: delivered, skipped because the sink had it from before a restart, kept as a dead
/// letter, or not settled yet.
/// </summary>
sealed record Books(string Source, string Sink, long Read, long Delivered, long Skipped, long DeadLettered, long InFlight)
{
    public bool Balance => Read == Delivered + Skipped + DeadLettered + InFlight;
}
