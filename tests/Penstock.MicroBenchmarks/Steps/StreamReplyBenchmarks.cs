using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.MicroBenchmarks.Samples;
using Penstock.Redis;
using Penstock.Sources.RedisStreams;

namespace Penstock.MicroBenchmarks.Steps;

/// <summary>An XREADGROUP answer → events. The copy into fresh blocks stands for the read from the socket.</summary>
public class StreamReplyBenchmarks
{
    static readonly HashSet<StreamId> Nothing = [];

    readonly byte[] _reply = StreamReply.Make();
    readonly RespParser _parser = new(new RespLimits());
    readonly ReadBlocks _blocks = new();
    readonly StreamState _stream = new(StreamReply.Stream);
    readonly InFlightEntries _inFlight = new();
    EntryEmitter _emitter = null!;

    [GlobalSetup]
    public void SetUp() => _emitter = new EntryEmitter(_inFlight, new EntryMapper(key: null, NullLogger.Instance), NullLogger.Instance);

    [GlobalCleanup]
    public void CleanUp() => _blocks.Dispose();

    /// <summary>The protocol alone.</summary>
    [Benchmark(OperationsPerInvoke = StreamReply.Entries)]
    public int Parse() => Read().Count;

    /// <summary>The protocol and what the source makes of it, down to the watermark.</summary>
    [Benchmark(OperationsPerInvoke = StreamReply.Entries)]
    public int ParseAndMap()
    {
        var events = 0;
        foreach (var message in _emitter.Emit(_stream, Read().Find(_stream.NameBytes), Nothing, "127.0.0.1:6379"))
        {
            if (message is Watermark { Tag: EntryBatch batch })
            {
                _inFlight.Remove(batch);
            }
            else
            {
                events++;
            }
        }

        return events == StreamReply.Entries ? events : throw new InvalidOperationException($"Expected {StreamReply.Entries} events, found {events}.");
    }

    RespValue Read()
    {
        for (var rest = _reply.AsSpan(); !rest.IsEmpty;)
        {
            var memory = _blocks.Rent(ReadBlocks.BlockSize).Memory;
            var length = Math.Min(memory.Length, rest.Length);
            rest[..length].CopyTo(memory.Span);
            MemoryMarshal.TryGetArray((ReadOnlyMemory<byte>)memory, out var segment);
            _parser.Feed(segment.Array!, segment.Offset, length);
            if (_parser.TryRead(out var reply))
            {
                return reply;
            }

            rest = rest[length..];
        }

        throw new InvalidOperationException("The sample reply is not complete.");
    }
}
