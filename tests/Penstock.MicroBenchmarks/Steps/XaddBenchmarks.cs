using BenchmarkDotNet.Attributes;
using Penstock.MicroBenchmarks.Samples;
using Penstock.Sinks.RedisStreams;

namespace Penstock.MicroBenchmarks.Steps;

/// <summary>Events → the XADD commands of one transaction, ready to be sent: what the redis-streams sink does with a batch before it writes.</summary>
public class XaddBenchmarks
{
    const int Events = 1000;

    readonly ChangeEvent[] _events = OrderEvents.Make(Events, ChangeKind.Insert);
    EntryEncoder _encoder = null!;

    [GlobalSetup]
    public void SetUp() => _encoder = new EntryEncoder(new() { Connection = new() { Endpoints = ["unused:1"] }, Stream = "cdc:{subject}" }, TimeProvider.System);

    [GlobalCleanup]
    public void CleanUp() => _encoder.Dispose();

    [Benchmark(OperationsPerInvoke = Events)]
    public int Encode()
    {
        _encoder.Clear();
        _encoder.BeginTransaction();
        foreach (var change in _events)
        {
            _encoder.Add(change);
        }

        _encoder.EndTransaction();
        return _encoder.Commands.Written.Length;
    }
}
