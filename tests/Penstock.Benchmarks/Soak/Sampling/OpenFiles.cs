using System.Globalization;

namespace Penstock.Benchmarks.Soak.Sampling;

/// <summary>What the kernel knows of a process's files and connections.</summary>
static class OpenFiles
{
    const string Established = "01";
    const int StateField = 3;
    const int InodeField = 9;

    /// <summary>Open file descriptors, and how many of them are established TCP connections.</summary>
    public static (int Files, int Connections) Of(int pid)
    {
        var names = new DirectoryInfo($"/proc/{pid}/fd").GetFileSystemInfos().Select(file => file.LinkTarget ?? "").ToArray();
        var connected = Inodes(pid, "tcp").Concat(Inodes(pid, "tcp6")).ToHashSet();
        return (names.Length, names.Count(connected.Contains));
    }

    /// <summary>Bytes in memory now.</summary>
    public static long ResidentBytes(int pid) =>
        long.Parse(File.ReadAllText($"/proc/{pid}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    public static int Threads(int pid) => Directory.GetDirectories($"/proc/{pid}/task").Length;

    static IEnumerable<string> Inodes(int pid, string protocol) => File.ReadLines($"/proc/{pid}/net/{protocol}")
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(fields => fields.Length > InodeField && fields[StateField] == Established)
        .Select(fields => $"socket:[{fields[InodeField]}]");
}
