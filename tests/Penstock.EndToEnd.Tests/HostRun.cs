using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>One run of the published host.</summary>
sealed partial class HostRun : IDisposable
{
    const int Terminate = 15;
    const int StopRunning = 19;
    const int GoOn = 18;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly StringBuilder _output = new();
    readonly StringBuilder _errors = new();
    bool _isDisposed;

    HostRun(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    /// <summary>The most bytes that the running process has had in memory.</summary>
    public long PeakMemory
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture) << 10;
        }
    }

    /// <summary>How many of its threads have this name.</summary>
    public int CountThreads(string name) => Directory.EnumerateDirectories($"/proc/{_process.Id}/task").Count(thread => NameOf(thread) == name);

    public bool HasExited => _process.HasExited;

    public static HostRun Start(params IReadOnlyList<string> arguments) => StartAs(Distribution.Executable, arguments);

    /// <summary>Starts another program that runs the host, such as strace.</summary>
    public static HostRun StartAs(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Distribution.Root,
        };
        return new HostRun(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> ToEndAsync(params IReadOnlyList<string> arguments)
    {
        using var run = Start(arguments);
        var exitCode = await run.WaitAsync();
        return (exitCode, run.Output, run.Errors);
    }

    public async Task<int> WaitAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>Waits until the log has this text.</summary>
    public Task LogsAsync(string text) => Eventually.HoldsAsync(
        () => Errors.Contains(text, StringComparison.Ordinal) || (HasExited ? throw new InvalidOperationException($"the host ended: {Errors}") : false),
        $"the log has \"{text}\"");

    /// <summary>SIGTERM, and the exit code after the drain.</summary>
    public async Task<int> TerminateAsync()
    {
        Assert.Equal(0, Kill(_process.Id, Terminate));
        return await WaitAsync();
    }

    /// <summary>SIGSTOP: nothing in the host runs until <see cref="Thaw"/>, and it does not notice.</summary>
    public void Freeze() => Assert.Equal(0, Kill(_process.Id, StopRunning));

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Assert.Equal(0, Kill(_process.Id, GoOn));

    /// <summary>SIGKILL: nothing in the host gets to run any more.</summary>
    public void Kill()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            if (line is not null)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    static string NameOf(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd();
        }
        catch (IOException)
        {
            // It has ended.
            return "";
        }
    }

    static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
