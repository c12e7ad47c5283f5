using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Reads some streams, of one slot, over one connection, from a place in each that only we know.</summary>
sealed class CursorReading(
    RedisStreamsOptions options, List<StreamState> streams, RedisServers servers, EntryMapper mapper, SourceContext context, ILogger log) : IReading
{
    readonly GapHalt _halt = new(options.OnGap, streams);
    readonly ReaderPlaces _places = new(options, context, log);

    public string Streams => string.Join(", ", streams.Select(stream => stream.Name));

    public IAsyncEnumerable<SourceMessage> ReadAsync(CancellationToken stopReading) => _halt.WatchAsync(ReadStreamsAsync(stopReading), stopReading);

    public void Acknowledged(IReadOnlyList<Watermark> reached)
    {
        _halt.Acknowledged(reached);
        foreach (var watermark in reached)
        {
            if (streams.Find(stream => stream.Name == watermark.Position.Partition) is { } stream)
            {
                stream.Checkpointed = StreamId.FromOrder(watermark.Position.Order);
            }
        }
    }

    async IAsyncEnumerable<SourceMessage> ReadStreamsAsync([EnumeratorCancellation] CancellationToken stopReading)
    {
        var connection = await servers.ConnectAsync(streams[0].NameBytes, stopReading).ConfigureAwait(false);
        var reader = new CursorReader(options, streams[0].Delay, connection, context.TimeProvider);
        await using var closing = reader.ConfigureAwait(false);
        _places.Forget(streams);
        foreach (var stream in streams.Where(stream => !stream.IsResumed))
        {
            if (options.Start == RedisStreamsOptions.FromNow)
            {
                await reader.GoToEndAsync(stream, stopReading).ConfigureAwait(false);
            }

            stream.Checkpointed = stream.LastEmitted;
            yield return stream.ToWatermark();
            stream.IsResumed = true;
        }

        context.ReportConnected();
        var gaps = new GapCheck(reader.LookAsync, isOptional: false, reader.Endpoint, context.TimeProvider, log);
        while (!stopReading.IsCancellationRequested)
        {
            await _places.TellAsync(reader.Connection, streams, stopReading).ConfigureAwait(false);
            if (gaps.IsDue)
            {
                await foreach (var message in gaps.FindAsync(streams, stopReading).ConfigureAwait(false))
                {
                    yield return message;
                }

                streams.ForEach(stream => ThrowIfItGrowsBehind(stream, reader.Endpoint));
            }

            var reply = await reader.ReadNewAsync(streams, stopReading).ConfigureAwait(false);
            for (var i = 0; i < reply.Count; i += 2)
            {
                var stream = StreamState.Find(streams, reply[i]);
                foreach (var message in Emit(stream, reply[i + 1]))
                {
                    yield return message;
                }
            }
        }
    }

    IEnumerable<SourceMessage> Emit(StreamState stream, RespValue entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            var id = StreamId.Parse(entries[i][0].Span);
            yield return mapper.Map(stream, id, entries[i][1].Items);
            stream.LastEmitted = id;
        }

        stream.Count += entries.Count;
        yield return stream.ToWatermark();
    }

    // XREAD waits for ever behind a place that the stream has not reached, and lower positions would be taken for old ones. A stream that has only lost
    // its newest entries, as after a failover, goes on by itself: its next ids are higher.
    static void ThrowIfItGrowsBehind(StreamState stream, string endpoint)
    {
        if (stream.GrowsBehindItself)
        {
            throw new PluginException(
                FailureKind.PositionLost,
                $"Stream \"{stream.Name}\" at {endpoint} gets entries with lower ids than {stream.LastEmitted}, which was read from it: it was made anew. "
                + "Nothing is read until you decide; \"penstock positions reset\" with --to start reads it from its first entry.");
        }
    }
}
