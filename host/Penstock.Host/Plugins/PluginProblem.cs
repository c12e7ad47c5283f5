namespace Penstock.Host.Plugins;

/// <summary>Why a plugin cannot be used.</summary>
/// <param name="File">The file that is at fault.</param>
/// <param name="Cause">What was expected and what was found.</param>
/// <param name="Remedy">What to do.</param>
sealed record PluginProblem(string File, string Cause, string Remedy)
{
    public override string ToString() => $"{File}: {Cause}; {Remedy}";
}
