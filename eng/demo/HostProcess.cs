using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Penstock.Demo;

/// <summary>The published host, run as a user runs it.</summary>
sealed partial class HostProcess : IDisposable
{
    const int Terminate = 15;
    static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(40);

    readonly Process _process;
    readonly StreamWriter _log;

    HostProcess(Process process, StreamWriter log)
    {
        _process = process;
        _log = log;
    }

    public bool HasExited => _process.HasExited;

    public static HostProcess Start(string executable, string configFile, string logFile, IReadOnlyDictionary<string, string> environment)
    {
        // A session of its own: Ctrl-C is for the demo, which then asks the host to drain.
        var start = new ProcessStartInfo("setsid", [executable, "run", "-c", configFile]) { RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var log = new StreamWriter(logFile) { AutoFlush = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{executable} did not start");
        process.ErrorDataReceived += (_, line) => log.WriteLine(line.Data);
        process.BeginErrorReadLine();
        return new HostProcess(process, log);
    }

    /// <summary>Asks the host to drain and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            Marshal.ThrowExceptionForHR(Kill(_process.Id, Terminate));
        }

        using var deadline = new CancellationTokenSource(DrainTime);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _log.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
