using System.Diagnostics;
using System.Globalization;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>What pg_recvlogical writes to its output, the moment it is there.</summary>
sealed class RecvLogicalArrivals : IArrivals
{
    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly Process _process;

    /// <summary>From the start of the program to its first output.</summary>
    public TimeSpan? FirstOutput { get; private set; }

    public RecvLogicalArrivals(BenchPostgres postgres, string slot)
    {
        var start = new ProcessStartInfo(
            Path.Combine(postgres.Server.BinDirectory, PgRecvLogical.Name),
            [
                "-h", "127.0.0.1", "-p", postgres.Server.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-d", "postgres",
                "--slot", slot, "--start", "-o", "proto_version=1", "-o", $"publication_names={WalBacklog.Publication}", "--no-loop", "-f", "-",
            ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["PGPASSWORD"] = "secret";
        _process = Process.Start(start)!;
    }

    public void ReadAll(ArrivalRecorder recorder)
    {
        var output = _process.StandardOutput.BaseStream;
        ByteArrivals.ReadAll(
            (buffer, length) =>
            {
                var received = output.Read(buffer, length, buffer.Length - length);
                FirstOutput ??= _clock.Elapsed;
                return received;
            },
            recorder);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
