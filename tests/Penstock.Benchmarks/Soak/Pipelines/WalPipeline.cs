using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Rows;
using Penstock.Benchmarks.Soak.Judging;
using Penstock.Benchmarks.Soak.Loads;
using Penstock.Benchmarks.Soak.Rules;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Soak.Pipelines;

/// <summary>Updates of a fixed set of rows, from the WAL into a Redis stream, in order of their keys.</summary>
sealed class WalPipeline : SoakPipeline
{
    const string Slot = "soak";
    const string Target = "soak-out";
    const int Lanes = 4;

    readonly BenchPostgres _postgres;
    readonly RedisServer _redis;
    readonly SequenceJudge _sequence = new(RowWriter.Rows);
    readonly StreamJudge _judge;
    readonly RowWriter _writer;

    public WalPipeline(BenchPostgres postgres, RedisServer redis)
    {
        (_postgres, _redis) = (postgres, redis);
        RowWriter.Prepare(postgres);
        postgres.Execute($"SELECT pg_create_logical_replication_slot('{Slot}', 'pgoutput')");
        Gate = new Gate(() => _sequence.Delivered, RowWriter.RowsPerCommit);
        _judge = new StreamJudge(redis.Port, Target, _sequence);
        _writer = new RowWriter(postgres, Gate);
    }

    public override string Name => "wal";

    public override Gate Gate { get; }

    public override long Sent => _writer.Sent;

    public override long Delivered => _sequence.Delivered;

    public override JsonObject ToJson() => Config(
        "postgres-wal", WalWork.Source(_postgres, Slot), "redis-streams",
        new JsonObject { ["connection"] = Pipeline.Connection(_redis.Endpoint), ["stream"] = Target }, Lanes);

    public override bool IsReading() => (bool)_postgres.Scalar($"SELECT active FROM pg_replication_slots WHERE slot_name = '{Slot}'")!;

    public override Task WriteAsync() => _writer.RunAsync();

    public override Task JudgeAsync() => _judge.RunAsync();

    public override void EndJudge() => _judge.End();

    public override IEnumerable<Finding> Judge(long total)
    {
        foreach (var finding in SequenceFindings.Of(Name, _sequence, total))
        {
            yield return finding;
        }

        var retained = (decimal)_postgres.Scalar($"SELECT pg_current_wal_lsn() - confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '{Slot}'")!;
        yield return new Finding(
            $"{Name}: WAL behind the slot at the end", retained <= RetainedAtEnd, string.Create(CultureInfo.InvariantCulture, $"{retained / 1e6m:0.0} MB"), "at most 16 MB");
    }

    // One segment: a checkpoint of the server's own, or a vacuum, may come behind the last commit.
    const decimal RetainedAtEnd = 16e6m;
}
