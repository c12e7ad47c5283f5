using System.Diagnostics;
using System.Text.Json;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Report;

/// <summary>Where and with what it was measured; no name of a host, a user or a folder.</summary>
sealed record Machine
{
    public required string Cpu { get; init; }

    public required int Cores { get; init; }

    public required string Memory { get; init; }

    public required string Kernel { get; init; }

    /// <summary>The type of the one that holds the servers' data, the host's state and what is written to files.</summary>
    public required string FileSystem { get; init; }

    public required string Dotnet { get; init; }

    public required string GarbageCollection { get; init; }

    public required string Redis { get; init; }

    public required string Postgres { get; init; }

    public required IReadOnlyList<string> PostgresSettings { get; init; }

    /// <summary>Of the last minute before the first row: what else the machine was doing.</summary>
    public required string LoadBefore { get; init; }

    public required string Commit { get; init; }

    public required DateTimeOffset MeasuredAt { get; init; }

    public static Machine Describe(TimeProvider time) => new()
    {
        Cpu = Field("/proc/cpuinfo", "model name"),
        Cores = Environment.ProcessorCount,
        Memory = $"{long.Parse(Field("/proc/meminfo", "MemTotal").Split(' ')[0]) / 1024.0 / 1024:0.0} GiB",
        Kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Split('-')[0].Trim(),
        FileSystem = WorkFolder.FileSystem,
        Dotnet = Environment.Version.ToString(),
        GarbageCollection = HostGc(),
        Redis = Output("redis-server", "--version").Split(' ').First(word => word.StartsWith("v=", StringComparison.Ordinal))[2..],
        Postgres = Output(Path.Combine(PostgresBin(), "postgres"), "--version").Split(' ')[2].Trim(),
        PostgresSettings = [.. BenchPostgres.StatedSettings],
        LoadBefore = File.ReadAllText("/proc/loadavg").Split(' ')[0],
        Commit = Output("git", "rev-parse", "--short", "HEAD").Trim()
            + (Output("git", "status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)docs/benchmarks").Length > 0 ? " with local changes" : " without local changes"),
        MeasuredAt = time.GetUtcNow(),
    };

    static string PostgresBin()
    {
        using var server = PostgresServer.Start(BenchPostgres.NoUnixSocket);
        return server.BinDirectory;
    }

    static string Field(string file, string name) =>
        File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(':', 2)[1].Trim();

    // What the published host's own settings say; the environment's are taken away from it.
    static string HostGc()
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(Distribution.Executable + ".x", "runtimeconfig.json")));
        var properties = config.RootElement.GetProperty("runtimeOptions").TryGetProperty("configProperties", out var found)
            ? found.EnumerateObject().Where(property => property.Name.StartsWith("System.GC.", StringComparison.Ordinal) || property.Name.Contains("Tiered", StringComparison.Ordinal))
                .Select(property => $"{property.Name}={property.Value}")
            : [];
        var settings = string.Join(", ", properties);
        return settings.Length == 0 ? "workstation, concurrent (defaults)" : settings;
    }

    static string Output(string program, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, WorkingDirectory = Distribution.Root })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
