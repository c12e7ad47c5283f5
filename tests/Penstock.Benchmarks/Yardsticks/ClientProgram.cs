using System.Diagnostics;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>Runs a program to its end and measures it from outside.</summary>
/// <param name="Output">What it printed.</param>
/// <param name="Seconds">From its start to its end.</param>
/// <param name="SecondsToFirstWrite">From its start until it had written something to a file or a pipe; null when that was not asked for.</param>
/// <param name="CpuSeconds">Its CPU time.</param>
/// <param name="ServersBefore">The servers' CPU time at its start.</param>
/// <param name="ServersAfter">The servers' CPU time at its end.</param>
sealed record ClientProgram(
    string Output, double Seconds, double? SecondsToFirstWrite, double CpuSeconds, Dictionary<string, double> ServersBefore, Dictionary<string, double> ServersAfter)
{
    public static async Task<ClientProgram> RunAsync(
        string program, IReadOnlyList<string> arguments, ServerCpu servers, IReadOnlyDictionary<string, string>? environment = null, bool noteFirstWrite = false)
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
        var firstWrite = noteFirstWrite ? FirstWriteAsync(process.Id, clock) : Task.FromResult<double?>(null);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var seconds = clock.Elapsed.TotalSeconds;
        return process.ExitCode == 0
            ? new ClientProgram(output, seconds, await firstWrite, ChildrenCpuSeconds() - childrenBefore, before, servers.Read())
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

    // The kernel counts the bytes that a process gives to write(); what it sends to a socket is not among them.
    static async Task<double?> FirstWriteAsync(int pid, Stopwatch clock)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (ProcessFacts.WrittenBytes(pid) is { } bytes)
        {
            if (bytes > 0)
            {
                return clock.Elapsed.TotalSeconds;
            }

            await timer.WaitForNextTickAsync();
        }

        return null;
    }

    // Of all children that ended; nothing else ends while a yardstick runs.
    static double ChildrenCpuSeconds() =>
        ProcessFacts.CpuSeconds(Environment.ProcessId, withReapedChildren: true) - ProcessFacts.CpuSeconds(Environment.ProcessId);
}
