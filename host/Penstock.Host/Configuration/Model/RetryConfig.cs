using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Host.Configuration;

/// <summary>How long a lane waits after a transient failure of its sink: exponential, with jitter, without end.</summary>
sealed class RetryConfig
{
    [Description("Wait before the first retry of a failed write; doubles with each further one. 1ms to 1m.")]
    [Range(typeof(TimeSpan), "1ms", "1m")]
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    [Description("Longest wait between two retries. 1ms to 1h.")]
    [Range(typeof(TimeSpan), "1ms", "1h")]
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);
}
