using System.Globalization;

namespace Penstock.Benchmarks.Measuring;

/// <summary>What the kernel knows about a process.</summary>
static class ProcessFacts
{
    // USER_HZ: fixed at 100 on every Linux that .NET runs on.
    const double TicksPerSecond = 100;
    const int UserTime = 11;
    const int ChildrenUserTime = 13;

    /// <summary>CPU seconds of a process, user and system.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="withReapedChildren">Whether those of children that ended are counted, too.</param>
    public static double CpuSeconds(int pid, bool withReapedChildren = false)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended between being listed and being read.
            return 0;
        }

        // The name in parentheses may hold anything; fields are counted behind it.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = Ticks(fields, UserTime) + (withReapedChildren ? Ticks(fields, ChildrenUserTime) : 0);
        return ticks / TicksPerSecond;
    }

    /// <summary>CPU seconds of a process and all its direct children, those that ended included.</summary>
    public static double TreeCpuSeconds(int pid)
    {
        // Reaped children last: one that ends in between is counted twice for a moment rather than never.
        var living = Children(pid).Sum(child => CpuSeconds(child));
        return living + CpuSeconds(pid, withReapedChildren: true);
    }

    /// <summary>The most bytes the process has had in memory.</summary>
    public static long PeakResidentBytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line["VmHWM:".Length..^"kB".Length], CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>Bytes the process has given to write(), to whatever file; null when it is gone.</summary>
    public static long? WrittenBytes(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/io").First(line => line.StartsWith("wchar:", StringComparison.Ordinal));
            return long.Parse(line["wchar:".Length..], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static IEnumerable<int> Children(int pid) => File.ReadAllText($"/proc/{pid}/task/{pid}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(child => int.Parse(child, CultureInfo.InvariantCulture));

    static long Ticks(string[] fields, int user) =>
        long.Parse(fields[user], CultureInfo.InvariantCulture) + long.Parse(fields[user + 1], CultureInfo.InvariantCulture);
}
