namespace Penstock.Host.Admin.Health;

/// <summary>Whether a pipeline makes progress.</summary>
enum HealthState
{
    /// <summary>It does, or has nothing to do.</summary>
    Healthy = 1,

    /// <summary>It does not, and goes on by itself when the cause is mended.</summary>
    Degraded,

    /// <summary>It ended, or never began, and only an operator can mend that.</summary>
    Failed,
}
