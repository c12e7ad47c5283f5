namespace Penstock.Host.Admin.Health;

/// <summary>What a pipeline waits for before it runs.</summary>
/// <param name="Reason">The last failure, or what is under way.</param>
sealed record Awaited(string Reason)
{
    public string? Source { get; init; }

    public string? Sink { get; init; }

    public int? Lane { get; init; }
}
