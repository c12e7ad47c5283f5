namespace Penstock.Host.Admin.Health;

/// <summary>One thing that keeps a pipeline from making progress.</summary>
/// <param name="Cause">Where.</param>
/// <param name="Since">When it began.</param>
/// <param name="Reason">The last failure, or what does not come to an end.</param>
sealed record Trouble(Cause Cause, DateTimeOffset Since, string Reason)
{
    public string? Source { get; init; }

    public string? Sink { get; init; }

    public int? Lane { get; init; }
}
