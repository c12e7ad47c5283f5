using System.Diagnostics;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>Runs a program to its end and measures it from outside.</summary>
sealed record ClientProgram(string Output, double Seconds, double CpuSeconds, Dictionary<string, double> ServersBefore, Dictionary<string, double> ServersAfter)
{
    public static async Task<ClientProgram> RunAsync(
        string program, IReadOnlyList<string> arguments, ServerCpu servers, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var before = servers.Read();
        var childrenBefore = ChildrenCpuSeconds();
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var seconds = clock.Elapsed.TotalSeconds;
        return process.ExitCode == 0
            ? new ClientProgram(output, seconds, ChildrenCpuSeconds() - childrenBefore, before, servers.Read())
            : throw new MeasurementException($"{Path.GetFileName(program)} ended with exit code {process.ExitCode}: {await errors}");
    }

    public Sample ToSample(string subject, long events, double seconds) => new()
    {
        Subject = subject,
        Events = events,
        Seconds = seconds,
        ClientCpuMicroseconds = CpuSeconds * 1e6 / events,
        ServerCpuMicroseconds = ServerCpu.PerEvent(ServersBefore, ServersAfter, events),
    };

    // Of all children that ended; nothing else ends while a yardstick runs.
    static double ChildrenCpuSeconds() =>
        ProcessFacts.CpuSeconds(Environment.ProcessId, withReapedChildren: true) - ProcessFacts.CpuSeconds(Environment.ProcessId);
}
