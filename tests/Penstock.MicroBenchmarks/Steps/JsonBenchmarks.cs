using System.Buffers;
using BenchmarkDotNet.Attributes;
using Penstock.MicroBenchmarks.Samples;

namespace Penstock.MicroBenchmarks.Steps;

/// <summary>Event → JSON, as every sink writes it.</summary>
public class JsonBenchmarks
{
    const int Events = 1000;

    readonly ArrayBufferWriter<byte> _output = new(Events * 1024);
    EventJsonWriter _json = null!;
    ChangeEvent[] _events = [];

    /// <summary>An update carries both rows, as with REPLICA IDENTITY FULL.</summary>
    [Params(ChangeKind.Insert, ChangeKind.Update)]
    public ChangeKind Kind { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _json = new EventJsonWriter(_output);
        _events = OrderEvents.Make(Events, Kind);
    }

    [GlobalCleanup]
    public void CleanUp() => _json.Dispose();

    [Benchmark(OperationsPerInvoke = Events)]
    public int Write()
    {
        _output.ResetWrittenCount();
        foreach (var change in _events)
        {
            _json.Write(change);
        }

        return _output.WrittenCount;
    }
}
