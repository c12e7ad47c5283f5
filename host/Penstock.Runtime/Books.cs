namespace Penstock.Runtime;

/// <summary>What one source read and what became of it in one sink. The books balance: read = delivered + in flight.</summary>
sealed record Books(string Source, string Sink, long Read, long Delivered, long InFlight)
{
    public bool Balance => Read == Delivered + InFlight;
}
