using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime;

/// <summary>What the parts of the runtime get from outside.</summary>
sealed record RuntimeServices(ILoggerFactory LoggerFactory, TimeProvider Time, Meter Meter)
{
    public Instruments Instruments { get; } = new(Meter);

    public Faults Faults { get; init; } = Faults.None;

    /// <summary>Where jitter comes from; tests seed it.</summary>
    public Random Random { get; init; } = Random.Shared;
}
