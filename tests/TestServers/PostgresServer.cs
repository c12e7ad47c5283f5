using System.Diagnostics;
using System.Globalization;

namespace Penstock.TestServers;

/// <summary>A throwaway PostgreSQL with logical decoding on, in a directory of its own, on a free port.</summary>
/// <remarks>
/// As root it runs as the user postgres, because the server refuses root. Output goes to files, never into pipes that a child
/// would keep open. Nothing is synced to disk: it survives a kill, not a power cut.
/// </remarks>
public sealed class PostgresServer : IDisposable
{
    const string Password = "secret";

    readonly TempDirectory _directory = new("postgres");
    readonly string _bin;

    PostgresServer(string bin) => _bin = bin;

    public int Port { get; } = FreePort.Next();

    /// <summary>For the superuser and the database <c>postgres</c>, with the password, without pooling.</summary>
    public string ConnectionString => $"{ConnectionStringWithoutPassword};Password={Password}";

    public string ConnectionStringWithoutPassword => $"Host=127.0.0.1;Port={Port};Database=postgres;Username=postgres;Pooling=false";

    /// <summary>The folder with psql, pgbench and the rest.</summary>
    public string BinDirectory => _bin;

    /// <summary>What the server wrote to its log so far.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    /// <summary>Whether no server runs any more, however it ended.</summary>
    public bool HasEnded
    {
        get
        {
            var file = _directory.Combine("data", "postmaster.pid");
            return !File.Exists(file) || File.ReadLines(file).FirstOrDefault() is not { } pid || !Directory.Exists($"/proc/{pid}");
        }
    }

    string DataDirectory => _directory.Combine("data");

    string LogFile => _directory.Combine("server.log");

    /// <summary>Makes a cluster and starts it.</summary>
    /// <param name="configuration">Further lines for postgresql.conf; they override what is set here.</param>
    public static PostgresServer Start(params IReadOnlyList<string> configuration) => Start(PostgresBinaries.Find(), configuration);

    /// <summary>The same, of this major version or a later one.</summary>
    public static PostgresServer StartAtLeast(int major, params IReadOnlyList<string> configuration) => Start(PostgresBinaries.FindAtLeast(major), configuration);

    static PostgresServer Start(string bin, IReadOnlyList<string> configuration)
    {
        var server = new PostgresServer(bin);
        try
        {
            server.Initialize(configuration);
            server.Start();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A copy of a server that is stopped now, as a replica that had come so far, promoted: the same cluster on the next timeline. The original is started
    /// again.
    /// </summary>
    public static PostgresServer StartPromoted(PostgresServer stopped)
    {
        var server = StartStandby(stopped, withSlots: true);
        server.Promote();
        return server;
    }

    /// <summary>A copy of a server that is stopped now, as its standby. The original is started again.</summary>
    /// <param name="stopped">The original.</param>
    /// <param name="withSlots">Whether the copy has the slots; that of a base backup has none.</param>
    /// <param name="configuration">Further lines for postgresql.conf.</param>
    public static PostgresServer StartStandby(PostgresServer stopped, bool withSlots = false, params IReadOnlyList<string> configuration)
    {
        var server = new PostgresServer(stopped._bin);
        try
        {
            PostgresBinaries.HandOver(server._directory.Path);
            server.Run(server._directory.Combine("copy.log"), "/bin/cp", "-a", stopped.DataDirectory, server.DataDirectory);
            IReadOnlyList<string> own =
            [
                $"port = {server.Port}", $"unix_socket_directories = '{server._directory.Path}'",
                // What connects to it: 'primary_slot_name' and the rest are up to the test.
                $"primary_conninfo = 'host=127.0.0.1 port={stopped.Port} user=postgres password={Password} dbname=postgres'",
            ];
            File.AppendAllLines(Path.Combine(server.DataDirectory, "postgresql.conf"), withSlots ? [.. own.Take(2), .. configuration] : [.. own, .. configuration]);
            File.WriteAllText(Path.Combine(server.DataDirectory, "standby.signal"), "");
            if (!withSlots)
            {
                foreach (var slot in Directory.GetDirectories(Path.Combine(server.DataDirectory, "pg_replslot")))
                {
                    Directory.Delete(slot, recursive: true);
                }
            }

            stopped.Start();
            server.Start();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Makes a standby the primary, on the next timeline.</summary>
    public void Promote() => Control("-w", "promote");

    /// <summary>Starts a server that was stopped or killed; returns when it takes connections.</summary>
    public void Start() => Control("-l", LogFile, "-w", "-t", "60", "start");

    /// <summary>As an operator stops it: sessions are ended, the server waits until replication has confirmed everything.</summary>
    public void StopFast(TimeSpan timeout) =>
        Control("-m", "fast", "-w", "-t", ((int)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture), "stop");

    /// <summary>Without a checkpoint: the next start recovers from WAL.</summary>
    public void StopImmediate() => Control("-m", "immediate", "-w", "stop");

    /// <summary>Ends the server and its children with SIGKILL, as a crash would.</summary>
    public void Kill()
    {
        var postmaster = File.ReadLines(_directory.Combine("data", "postmaster.pid")).First();
        var children = File.ReadAllText($"/proc/{postmaster}/task/{postmaster}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);

        // A child that outlives the postmaster keeps its shared memory, and the next start refuses it.
        foreach (var pid in (string[])[postmaster, .. children])
        {
            KillProcess(int.Parse(pid, CultureInfo.InvariantCulture));
        }
    }

    public void Restart()
    {
        StopImmediate();
        Start();
    }

    public void Dispose()
    {
        if (File.Exists(_directory.Combine("data", "postmaster.pid")))
        {
            StopImmediate();
        }

        _directory.Dispose();
    }

    void Initialize(IReadOnlyList<string> configuration)
    {
        var passwordFile = _directory.Combine("password");
        File.WriteAllText(passwordFile, Password);
        PostgresBinaries.HandOver(_directory.Path);
        Run(
            _directory.Combine("initdb.log"), "initdb", "-D", DataDirectory, "-U", "postgres", "--auth=scram-sha-256", $"--pwfile={passwordFile}",
            "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions");
        IReadOnlyList<string> lines =
        [
            "listen_addresses = '127.0.0.1'", $"port = {Port}", $"unix_socket_directories = '{_directory.Path}'",
            "wal_level = logical", "max_replication_slots = 20", "max_wal_senders = 20", "shared_buffers = 16MB",
            "fsync = off", "full_page_writes = off", "autovacuum = off",
        ];
        File.AppendAllLines(_directory.Combine("data", "postgresql.conf"), [.. lines, .. configuration]);
    }

    static void KillProcess(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            process.WaitForExit();
        }
        catch (ArgumentException)
        {
            // It ended by itself.
        }
    }

    void Control(params ReadOnlySpan<string> arguments) =>
        Run(_directory.Combine("pg_ctl.log"), "pg_ctl", ["-D", DataDirectory, .. arguments]);

    // Through a shell, because a server that inherits a pipe keeps its reader waiting.
    void Run(string outputFile, string program, params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = _directory.Path };
        string[] command =
        [
            "-c", "out=$1; shift; exec \"$@\" </dev/null >>\"$out\" 2>&1", "sh", outputFile,
            .. PostgresBinaries.AsServerUser, Path.Combine(_bin, program), .. arguments,
        ];
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with exit code {process.ExitCode}:\n{File.ReadAllText(outputFile)}\n{Log}");
        }
    }
}
