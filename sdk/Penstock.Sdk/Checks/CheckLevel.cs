namespace Penstock;

/// <summary>How serious a <see cref="CheckFinding"/> is.</summary>
public enum CheckLevel
{
    /// <summary>Good to know.</summary>
    Fact = 1,

    /// <summary>It runs, but something can be lost, or will stop it later.</summary>
    Warning = 2,

    /// <summary>It does not run, or not as promised, until somebody mends it.</summary>
    Problem = 3,
}
