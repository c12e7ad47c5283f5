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
        string?[] candidates = [Environment.GetEnvironmentVariable(Variable), NewestDebian(), .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')];
        return candidates.FirstOrDefault(folder => !string.IsNullOrEmpty(folder) && File.Exists(Path.Combine(folder, "initdb")))
            ?? throw new InvalidOperationException(
                $"PostgreSQL's initdb was not found in ${Variable}, under {DebianRoot}, nor in PATH; install it (apt-get install postgresql) or set {Variable}.");
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
