namespace Penstock.Sinks.File;

/// <summary>Finds the files whose names a path template can have made.</summary>
static class TemplateFiles
{
    // Links are not followed; hidden files may be ours.
    static readonly EnumerationOptions Options = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };

    public static IEnumerable<string> Of(PathTemplate template) => Find(template.Root, template.Names);

    static IEnumerable<string> Find(string directory, ReadOnlyMemory<PathName> names)
    {
        var name = names.Span[0];
        var rest = names[1..];
        if (!rest.IsEmpty)
        {
            return DirectoriesOf(directory, name).SelectMany(inner => Find(inner, rest));
        }

        return name.Pattern is { } pattern
            ? Directory.EnumerateFiles(directory, "*", Options).Where(file => pattern.IsMatch(Path.GetFileName(file)))
            : Existing(new FileInfo(Path.Combine(directory, name.Text)));
    }

    static IEnumerable<string> DirectoriesOf(string directory, PathName name) => name.Pattern is { } pattern
        ? Directory.EnumerateDirectories(directory, "*", Options).Where(inner => pattern.IsMatch(Path.GetFileName(inner)))
        : Existing(new DirectoryInfo(Path.Combine(directory, name.Text)));

    static string[] Existing(FileSystemInfo entry) => entry is { Exists: true, LinkTarget: null } ? [entry.FullName] : [];
}
