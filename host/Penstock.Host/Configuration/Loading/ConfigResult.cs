namespace Penstock.Host.Configuration;

/// <summary>What became of a config file.</summary>
/// <param name="Problems">By position.</param>
/// <param name="Config">
/// Null when the file itself is wrong. When only plugins are missing or broken: the pipelines that can run, perhaps none.
/// </param>
sealed record ConfigResult(IReadOnlyList<ConfigProblem> Problems, HostConfig? Config)
{
    /// <summary>0 without problems, 2 when the file is wrong, 3 when only plugins are missing or broken.</summary>
    public int ExitCode => Config is null ? 2 : Problems.Count > 0 ? 3 : 0;
}
