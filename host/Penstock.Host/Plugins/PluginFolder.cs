using System.IO.Enumeration;

namespace Penstock.Host.Plugins;

/// <summary>A folder that holds one plugin and everything that is private to it.</summary>
sealed class PluginFolder
{
    public PluginFolder(string path)
    {
        Root = RealPath.Of(path);
        var entries = new FileSystemEnumerable<string>(
            Root,
            (ref FileSystemEntry entry) => entry.ToFullPath(),
            new EnumerationOptions { AttributesToSkip = FileAttributes.None, RecurseSubdirectories = true })
        {
            // A link is judged, never followed: it may go in a circle.
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLink(ref entry),
            ShouldIncludePredicate = (ref FileSystemEntry entry) => IsLink(ref entry) || entry.FileName.EndsWith(".dll", StringComparison.Ordinal),
        };
        string[] found = [.. entries];
        Array.Sort(found, StringComparer.Ordinal);
        Escape = Array.Find(found, file => !RealPath.IsInside(Root, file));
        Libraries = Array.FindAll(found, file => file.EndsWith(".dll", StringComparison.Ordinal));
    }

    public string Root { get; }

    /// <summary>Every DLL, in sub-folders too.</summary>
    public IReadOnlyList<string> Libraries { get; }

    /// <summary>A link that leads out of the folder.</summary>
    public string? Escape { get; }

    public bool IsTopLevel(string file) => string.Equals(Path.GetDirectoryName(file), Root, StringComparison.Ordinal);

    static bool IsLink(ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) != 0;
}
