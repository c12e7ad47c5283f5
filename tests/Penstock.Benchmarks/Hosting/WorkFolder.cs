namespace Penstock.Benchmarks.Hosting;

/// <summary>Where servers, host and yardsticks keep their files: on a disk, because an fsync costs nothing in memory.</summary>
static class WorkFolder
{
    /// <summary>The type of the file system that the temporary folder is on.</summary>
    public static string FileSystem => FileSystemOf(Path.GetTempPath());

    /// <summary>Makes a folder below artifacts/ the temporary folder of this program and of all that it starts.</summary>
    /// <returns>Why nothing can be measured here; otherwise null.</returns>
    public static string? Use()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Distribution.Root, "artifacts", "bench-work")).FullName;
        if (IsOpen(folder))
        {
            Environment.SetEnvironmentVariable("TMPDIR", folder);
        }

        return FileSystem is "tmpfs" or "ramfs"
            ? $"expected a folder on a disk for the servers' data, found {FileSystem} at {Path.GetTempPath()}: nothing would wait for a disk; "
                + "put the repository, or TMPDIR where the user postgres cannot enter the repository, on one"
            : null;
    }

    // As root, PostgreSQL runs as a user of its own, who must be able to enter every folder above its data.
    static bool IsOpen(string folder)
    {
        for (var directory = new DirectoryInfo(folder); Environment.IsPrivilegedProcess && directory is not null; directory = directory.Parent)
        {
            if (!directory.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }

    // The longest mount point above the path wins, and the last of those that are mounted over each other.
    static string FileSystemOf(string path) => File.ReadLines("/proc/mounts")
        .Select(line => line.Split(' '))
        .Where(mount => (Path.TrimEndingDirectorySeparator(path) + "/").StartsWith(mount[1].TrimEnd('/') + "/", StringComparison.Ordinal))
        .Reverse()
        .MaxBy(mount => mount[1].Length)![2];
}
