using System.Diagnostics;
using System.Runtime.InteropServices;
using Penstock.Benchmarks.Measuring;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Hosting;

/// <summary>One run of the published host, with a folder of its own that holds its config file and its state.</summary>
sealed partial class PenstockHost : IDisposable
{
    const int Terminate = 15;

    static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(60);

    // One host runs at a time.
    static Process? running;

    readonly TempDirectory _directory = new("bench");
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    readonly Stopwatch _clock;
    readonly Process _process;
    readonly ServerCpu _servers;
    readonly Uri _metrics;
    readonly Uri _health;

    PenstockHost(Func<int, string> toJson, ServerCpu servers)
    {
        _servers = servers;
        AdminPort = FreePort.Next();
        _metrics = new Uri($"http://127.0.0.1:{AdminPort}/metrics");
        _health = new Uri($"http://127.0.0.1:{AdminPort}/health");
        var config = Combine("penstock.json");
        File.WriteAllText(config, toJson(AdminPort));
        var start = new ProcessStartInfo(Distribution.Executable, ["run", "-c", config]) { RedirectStandardError = true, WorkingDirectory = _directory.Path };
        ForgetTuning(start);
        Begin = new HostReading(new Moment(0, 0, servers.Read()), new Moment(0, 0, []), Received: 0, Delivered: 0, AllocatedBytes: 0);
        _clock = Stopwatch.StartNew();
        running = _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Log.Add(line.Data);
        _process.BeginErrorReadLine();
    }

    public HostLog Log { get; } = new();

    /// <summary>The start of the process, when nothing had happened yet.</summary>
    public HostReading Begin { get; }

    public int Pid => _process.Id;

    public int AdminPort { get; }

    /// <summary>Seconds since the process was started.</summary>
    public double Elapsed => _clock.Elapsed.TotalSeconds;

    public bool HasExited => _process.HasExited;

    public static PenstockHost Start(Pipeline pipeline, ServerCpu servers) => new(pipeline.ToJson, servers);

    /// <param name="toJson">The config file, by the port of the admin pages.</param>
    /// <param name="servers">Whose CPU time is read beside the host's.</param>
    public static PenstockHost Start(Func<int, string> toJson, ServerCpu servers) => new(toJson, servers);

    public static void KillRunning()
    {
        try
        {
            running?.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended, and was disposed of, in this very moment.
        }
    }

    public string Combine(params ReadOnlySpan<string> parts) => _directory.Combine(parts);

    /// <summary>The host's own figures; null while it does not listen yet.</summary>
    public async Task<string?> MetricsAsync()
    {
        try
        {
            return await _http.GetStringAsync(_metrics);
        }
        catch (HttpRequestException) when (!_process.HasExited)
        {
            return null;
        }
        catch (HttpRequestException)
        {
            throw new MeasurementException($"the host ended with exit code {_process.ExitCode}:\n{string.Join('\n', Log.Lines)}");
        }
    }

    /// <summary>What /health answers; 200 when every pipeline is healthy.</summary>
    public async Task<(int Status, string Body)> HealthAsync()
    {
        using var response = await _http.GetAsync(_health);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<HostReading?> ReadAsync()
    {
        var before = Now();
        return await MetricsAsync() is { } text
            ? new HostReading(
                before,
                Now(),
                (long)(PrometheusText.Sum(text, "penstock_source_events_total") ?? 0),
                (long)(PrometheusText.Sum(text, "penstock_sink_events_total") ?? 0),
                PrometheusText.Sum(text, "dotnet_gc_allocated_bytes_total"))
            : null;
    }

    /// <summary>Lets the host drain, and fails unless it went as the row says: exit code 0, no warning, and the books balance.</summary>
    public async Task StopAsync(long expected)
    {
        var text = await MetricsAsync() ?? "";
        await EndAsync();
        foreach (var name in (string[])["penstock_source_reconnects_total", "penstock_retries_total", "penstock_loss_windows_total", "penstock_dead_letters_total"])
        {
            Require(PrometheusText.Sum(text, name) is null or 0, $"{name} is {PrometheusText.Sum(text, name)}, expected 0");
        }

        foreach (var book in (string[])["read", "delivered"])
        {
            Require(Log.Book(book) == expected, $"the host's books say {book} {Log.Book(book)}, expected {expected}");
        }
    }

    /// <summary>Lets the host drain, and fails unless it ends with exit code 0 and had no warning to log.</summary>
    public async Task EndAsync()
    {
        if (Kill(_process.Id, Terminate) != 0)
        {
            throw new MeasurementException("the host was gone before it was to stop");
        }

        using var deadline = new CancellationTokenSource(DrainTime);
        await _process.WaitForExitAsync(deadline.Token);
        Require(_process.ExitCode == 0, $"the host ended with exit code {_process.ExitCode}:\n{string.Join('\n', Log.Lines)}");
        Require(!Log.Troubles().Any(), $"the host met trouble:\n{string.Join('\n', Log.Troubles())}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        running = null;
        _process.Dispose();
        _http.Dispose();
        _directory.Dispose();
    }

    Moment Now() => new(Elapsed, ProcessFacts.CpuSeconds(_process.Id), _servers.Read());

    static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new MeasurementException(otherwise);
        }
    }

    // A user's host is not tuned by what happens to be set where the measurement was started.
    static void ForgetTuning(ProcessStartInfo start)
    {
        foreach (var name in start.Environment.Keys.Where(IsTuning).ToArray())
        {
            start.Environment.Remove(name);
        }
    }

    static bool IsTuning(string name) =>
        name.StartsWith("COMPlus_", StringComparison.OrdinalIgnoreCase)
        || (name.StartsWith("DOTNET_", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("DOTNET_ROOT", StringComparison.OrdinalIgnoreCase));

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
