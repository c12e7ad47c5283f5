namespace Penstock.Host.Configuration;

/// <summary>Adds problems on behalf of the host, or of one plugin.</summary>
sealed class ProblemScope(string file, List<ConfigProblem> problems, string? plugin = null)
{
    public ProblemScope Of(string pluginAndVersion) => new(file, problems, pluginAndVersion);

    /// <summary>A problem with a value.</summary>
    public void At(ConfigNode node, string message, ConfigProblemKind kind = ConfigProblemKind.Config) =>
        Add(node.Line, node.Column, node.Pointer, message, kind);

    /// <summary>A problem with a property's name rather than its value.</summary>
    public void AtName(ConfigNode node, string message) =>
        Add(node.NamePosition.Line, node.NamePosition.Column, node.Pointer, message, ConfigProblemKind.Config);

    public void Add(int line, int column, string pointer, string message, ConfigProblemKind kind = ConfigProblemKind.Config)
    {
        var pipeline = JsonPointer.Segments(pointer).Take(2).ToArray() is ["pipelines", var name] ? name : null;
        problems.Add(new ConfigProblem(file, line, column, pointer, message, kind) { Pipeline = pipeline, Plugin = plugin });
    }

    /// <summary>Whether this value, or something inside it, already has a problem: later nets then stay silent about it.</summary>
    public bool IsMarked(ConfigNode node) => problems.Exists(p => JsonPointer.IsWithin(p.Pointer, node.Pointer));
}
