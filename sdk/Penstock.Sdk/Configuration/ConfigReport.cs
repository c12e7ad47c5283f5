namespace Penstock;

/// <summary>Collects the problems of one plugin config; the host adds file, line and column.</summary>
public sealed class ConfigReport
{
    readonly List<(string Pointer, string Message)> _problems = [];

    internal IReadOnlyList<(string Pointer, string Message)> Problems => _problems;

    /// <summary>Adds a problem.</summary>
    /// <param name="pointer">A JSON pointer within the plugin's config, such as <c>/streams/0</c>; empty for the config itself.</param>
    /// <param name="message">What was expected, what was found, and what to do; no secrets.</param>
    public void Add(string pointer, string message) => _problems.Add((pointer, message));
}
