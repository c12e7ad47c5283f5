using System.Globalization;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>PostgreSQL's own client reads the same backlog with the same plugin options and throws it away.</summary>
static class PgRecvLogical
{
    public const string Name = "pg_recvlogical";

    public static async Task<Sample> RunAsync(BenchPostgres postgres, WalBacklog backlog, ServerCpu servers, long planted = 0)
    {
        var slot = backlog.NewSlot();
        var run = await ClientProgram.RunAsync(
            Path.Combine(postgres.Server.BinDirectory, Name),
            [
                "-h", "127.0.0.1", "-p", postgres.Server.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-d", "postgres",
                "--slot", slot, "--start", "-o", "proto_version=1", "-o", $"publication_names={WalBacklog.Publication}",
                "--endpos", backlog.EndLsn, "--no-loop", "-f", "/dev/null",
            ],
            servers,
            new Dictionary<string, string> { ["PGPASSWORD"] = "secret" },
            noteFirstWrite: true);
        backlog.Finish(slot, planted);

        // As the host, from the first row that it has; what starting and logging in take is not what is compared.
        return run.SecondsToFirstWrite is { } start
            ? run.ToSample(Name, backlog.Rows, run.Seconds - start) with { StartToFirstSeconds = start }
            : throw new MeasurementException($"{Name} ended before it was seen to write");
    }
}
