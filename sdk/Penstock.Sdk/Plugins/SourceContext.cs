using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Penstock;

/// <summary>What the host gives a source.</summary>
public sealed class SourceContext
{
    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The source's name in the pipeline.</summary>
    public required string Instance { get; init; }

    /// <summary>
    /// How many readers the source shall have, each with connections of its own; not above <see cref="SourceTraits.MaxReaders"/>. Default 1.
    /// </summary>
    /// <remarks>How they share the work is the source's business; what they read comes out of one <see cref="IChangeSource.ReadAsync"/>.</remarks>
    public int Readers { get; init; } = 1;

    /// <summary>Where to log; never payloads, never secrets.</summary>
    public required ILoggerFactory LoggerFactory { get; init; }

    /// <summary>The clock for everything that waits or stamps.</summary>
    public required TimeProvider TimeProvider { get; init; }

    /// <summary>Where the plugin's own instruments belong; use no static meter.</summary>
    public required Meter Meter { get; init; }

    /// <summary>
    /// To be called each time the source is connected and reads, also when nothing comes: the host's readiness and health stand on it.
    /// Default: does nothing.
    /// </summary>
    /// <remarks>A source that never calls it counts as connected when it has yielded an event or a watermark, or read for 30 seconds without failing.</remarks>
    public Action ReportConnected { get; init; } = static () => { };
}
