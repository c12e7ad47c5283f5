namespace Penstock.Host.Plugins;

/// <summary>Paths without symbolic links, neither in the file nor in a parent.</summary>
static class RealPath
{
    // As many as Linux follows.
    const int MaxLinks = 40;

    /// <exception cref="IOException">Links go in a circle.</exception>
    public static string Of(string path)
    {
        var links = 0;
        return Of(path, ref links);
    }

    /// <summary>Whether the file, with every link followed, lies under the root, itself a real path.</summary>
    public static bool IsInside(string root, string path) =>
        Of(path).StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    static string Of(string path, ref int links)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        foreach (var segment in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, segment);
            var target = new FileInfo(next).LinkTarget;
            if (target is not null && ++links > MaxLinks)
            {
                throw new IOException($"The symbolic links of {path} go in a circle.");
            }

            real = target is null ? next : Of(Path.Combine(real, target), ref links);
        }

        return real;
    }
}
