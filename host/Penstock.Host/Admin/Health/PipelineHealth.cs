using Penstock.Runtime.Diagnostics;

namespace Penstock.Host.Admin.Health;

/// <summary>How one pipeline is.</summary>
/// <param name="Pipeline">Its name.</param>
/// <param name="Health">Whether it makes progress.</param>
/// <param name="State">What it does: starting, running, stopping, or how it ended.</param>
sealed record PipelineHealth(string Pipeline, HealthState Health, string State)
{
    /// <summary>Why it ended, or did not begin.</summary>
    public string? Reason { get; init; }

    public IReadOnlyList<SourceProgress> Sources { get; init; } = [];

    public IReadOnlyList<Trouble> Troubles { get; init; } = [];

    /// <summary>Empty once it runs.</summary>
    public IReadOnlyList<Awaited> Awaits { get; init; } = [];
}
