using System.Diagnostics;
using System.Globalization;

namespace Penstock.TestServers;

/// <summary>Finds PostgreSQL's programs, and the user that may run them.</summary>
static class PostgresBinaries
{
    const string Variable = "PENSTOCK_POSTGRES_BIN";
    const string DebianRoot = "/usr/lib/postgresql";

    /// <summary>What to put before a server program: root gives up its rights first, because the server refuses root.</summary>
    public static IReadOnlyList<string> AsServerUser { get; } =
        Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", "--"] : [];

    public static string Find()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        string?[] candidates = [Environment.GetEnvironmentVariable(Variable), NewestDebian(), .. path.Split(':')];
        return candidates.FirstOrDefault(folder => !string.IsNullOrEmpty(folder) && File.Exists(Path.Combine(folder, "initdb")))
            ?? throw new InvalidOperationException(
                $"PostgreSQL's initdb was not found in ${Variable}, under {DebianRoot}, nor in PATH; "
                + $"install it (apt-get install postgresql) or set {Variable}.");
    }

    /// <summary>The programs that the tests run on, when they are of this version or later; else those of the newest that was fetched.</summary>
    public static string FindAtLeast(int major)
    {
        if (MajorOf(Find()) >= major)
        {
            return Find();
        }

        string?[] roots = [Environment.GetEnvironmentVariable("PENSTOCK_SERVERS"), "/var/cache/penstock", Path.Combine(CacheHome(), "penstock")];
        return roots.Where(Directory.Exists)
            .SelectMany(root => Directory.GetDirectories(root!, "postgres-*"))
            .Select(folder => Path.Combine(folder, "native", "bin"))
            .Where(folder => File.Exists(Path.Combine(folder, "initdb")) && MajorOf(folder) >= major)
            .OrderByDescending(MajorOf)
            .FirstOrDefault()
            ?? throw new InvalidOperationException($"PostgreSQL {major} or later was not found; eng/install-postgres.sh 18 fetches it.");
    }

    static string CacheHome() => Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");

    // "postgres (PostgreSQL) 18.4".
    static int MajorOf(string bin)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(bin, "postgres"), ["--version"]) { RedirectStandardOutput = true })!;
        var version = process.StandardOutput.ReadToEnd().Split(' ')[2];
        process.WaitForExit();
        return int.Parse(version.Split('.')[0].TrimEnd(), CultureInfo.InvariantCulture);
    }

    /// <summary>Gives the folder to the user that runs the server.</summary>
    public static void HandOver(string folder)
    {
        if (Environment.IsPrivilegedProcess)
        {
            using var process = Process.Start("chown", ["-R", "postgres:postgres", folder]);
            process.WaitForExit();
        }
    }

    static string? NewestDebian() => !Directory.Exists(DebianRoot)
        ? null
        : Directory.GetDirectories(DebianRoot)
            .Where(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .OrderByDescending(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))
            .Select(folder => Path.Combine(folder, "bin"))
            .FirstOrDefault();
}
