namespace Penstock;

/// <summary>One thing that a check found. Made by <see cref="CheckReport"/>.</summary>
public sealed class CheckFinding
{
    internal CheckFinding(CheckLevel level, string text, string? remedy) => (Level, Text, Remedy) = (level, text, remedy);

    /// <summary>How serious it is.</summary>
    public CheckLevel Level { get; }

    /// <summary>What was found, and what was expected.</summary>
    public string Text { get; }

    /// <summary>What to do, if possible as a command that can be copied; null for a fact.</summary>
    public string? Remedy { get; }
}
