using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Penstock.TestServers;

/// <summary>A real redis-server of its own on a free port, from <c>PENSTOCK_REDIS_SERVER</c> or the PATH.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    const int SigStop = 19;
    const int SigCont = 18;
    const int Attempts = 5;

    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);

    readonly RedisServerOptions _options;
    readonly TempDirectory _directory = new("redis");
    Process? _process;
    int _starts;
    bool _isFrozen;

    RedisServer(RedisServerOptions options)
    {
        _options = options;
        Certificates = options.Tls ? options.Certificates ?? TestCertificates.Create(_directory.Path) : null;
    }

    public int Port { get; private set; }

    /// <summary>The address as host:port.</summary>
    public string Endpoint => $"127.0.0.1:{Port}";

    /// <summary>The port that speaks plain text: beside TLS there is one for tests to look through, when asked for.</summary>
    public int PlainPort { get; private set; }

    /// <summary>The port for the other nodes of the cluster; 0 without one.</summary>
    public int BusPort { get; private set; }

    /// <summary>The certificates of a TLS server; otherwise null.</summary>
    public TestCertificates? Certificates { get; }

    /// <summary>Whether it has been started and neither killed nor frozen since.</summary>
    public bool IsRunning => _process is not null && !_isFrozen;

    public int Pid => _process?.Id ?? throw new InvalidOperationException("redis-server is not running.");

    public static async Task<RedisServer> StartAsync(RedisServerOptions? options = null)
    {
        var server = new RedisServer(options ?? new RedisServerOptions());
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                server.ChoosePorts();
                if (await server.TryStartAsync(isLastAttempt: attempt == Attempts))
                {
                    return server;
                }
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server again after <see cref="Kill"/>, on the same port and directory.</summary>
    public Task RestartAsync()
    {
        Kill();
        return TryStartAsync(isLastAttempt: true);
    }

    /// <summary>Ends the server at once, as a crash would.</summary>
    public void Kill()
    {
        if (_process is { } process)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
            _process = null;
            _isFrozen = false;
        }
    }

    /// <summary>Stops the server from running, as a dead network would look: connections stay open and nothing answers.</summary>
    public void Freeze()
    {
        Signal(SigStop);
        _isFrozen = true;
    }

    /// <summary>Lets a frozen server go on.</summary>
    public void Thaw()
    {
        Signal(SigCont);
        _isFrozen = false;
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _directory.Dispose();
        return default;
    }

    void ChoosePorts()
    {
        Port = FreePort.Next();
        PlainPort = !_options.Tls ? Port : _options.HasPlainPort || _options.IsClusterNode ? FreePort.Next() : 0;
        BusPort = _options.IsClusterNode ? FreePort.Next() : 0;
    }

    // False when another process took the port between our looking and the server's binding.
    async Task<bool> TryStartAsync(bool isLastAttempt)
    {
        var log = _directory.Combine($"redis-{++_starts}.log");
        var config = _directory.Combine("redis.conf");
        await File.WriteAllLinesAsync(config, Config(log));
        _process = Launch(config, _options.IsSentinel ? "--sentinel" : "");
        var watch = Stopwatch.StartNew();
        while (!await IsReadyAsync(log))
        {
            if (_process.HasExited || watch.Elapsed > StartTimeout)
            {
                var text = File.Exists(log) ? await File.ReadAllTextAsync(log) : "(it wrote no log)";
                Kill();
                return !isLastAttempt && text.Contains("Address already in use", StringComparison.Ordinal)
                    ? false
                    : throw new InvalidOperationException($"redis-server did not start on port {Port}:\n{text}");
            }

            await Task.Delay(5);
        }

        return true;
    }

    // The log line comes after the port was bound by this very process: a stranger on the port cannot pass for it.
    async Task<bool> IsReadyAsync(string log)
    {
        if (_process!.HasExited || !File.Exists(log) || !(await File.ReadAllTextAsync(log)).Contains(_options.IsSentinel ? "+monitor" : "Ready to accept connections", StringComparison.Ordinal))
        {
            return false;
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        return true;
    }

    IEnumerable<string> Config(string log)
    {
        yield return "bind 127.0.0.1";
        yield return $"dir {_directory.Path}";
        yield return $"logfile {log}";
        if (!_options.IsSentinel)
        {
            yield return "save \"\"";
            yield return $"appendonly {(_options.AppendOnly ? "yes" : "no")}";
            yield return "enable-debug-command yes";
        }

        if (_options.Password is { } password)
        {
            yield return $"requirepass {password}";
        }

        if (Certificates is { } certificates)
        {
            yield return $"port {PlainPort}";
            yield return $"tls-port {Port}";
            yield return $"tls-cert-file {certificates.ServerCertificate}";
            yield return $"tls-key-file {certificates.ServerKey}";
            yield return $"tls-ca-cert-file {certificates.Authority}";
            yield return "tls-replication yes";
            yield return $"tls-auth-clients {(_options.RequireClientCertificate ? "yes" : "no")}";
        }
        else
        {
            yield return $"port {Port}";
        }

        if (_options.IsClusterNode)
        {
            yield return "cluster-enabled yes";
            yield return $"cluster-port {BusPort}";
            yield return $"tls-cluster {(_options.Tls ? "yes" : "no")}";
        }

        foreach (var line in _options.ExtraLines)
        {
            yield return line;
        }
    }

    static Process Launch(string config, string mode)
    {
        var binary = Environment.GetEnvironmentVariable("PENSTOCK_REDIS_SERVER") is { Length: > 0 } path ? path : "redis-server";

        // exec keeps the pid; setsid keeps the terminal's Ctrl-C away. The server must not inherit our output: whoever reads that to its end would wait for the server.
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", "exec setsid \"$0\" \"$1\" $2 </dev/null >/dev/null 2>&1", binary, config, mode },
        };
        return FindsBinary(binary)
            ? Process.Start(start)!
            : throw new InvalidOperationException(
                $"Expected the program \"{binary}\", found none. Install redis-server, or set PENSTOCK_REDIS_SERVER to its path.");
    }

    static bool FindsBinary(string binary) =>
        binary.Contains('/', StringComparison.Ordinal)
            ? File.Exists(binary)
            : Array.Exists((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), directory => File.Exists(Path.Combine(directory, binary)));

    void Signal(int signal)
    {
        if (SendSignal(Pid, signal) != 0)
        {
            throw new InvalidOperationException($"Signal {signal} did not reach process {Pid}: errno {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int SendSignal(int pid, int signal);
}
