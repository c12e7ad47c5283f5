using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Reads every entry of its streams, in order; the checkpoint alone decides where it goes on.</summary>
sealed class CursorSource : IChangeSource
{
    readonly RedisStreamsOptions _options;
    readonly SourceContext _context;
    readonly RedisServers _servers;
    readonly ILogger _log;
    readonly List<StreamState> _streams;
    readonly EntryMapper _mapper;
    readonly GapHalt _halt;

    public CursorSource(RedisStreamsOptions options, SourceTraits traits, SourceContext context)
    {
        _options = options;
        _context = context;
        Traits = traits;
        _servers = new RedisServers(options.Connection, context);
        _log = context.LoggerFactory.CreateLogger<CursorSource>();
        _streams = [.. options.Streams.Select(name => new StreamState(name))];
        _halt = new GapHalt(options.OnGap, _streams);
        _mapper = new EntryMapper(options.Key is null ? null : new KeyPath(options.Key), _log);
    }

    public SourceTraits Traits { get; }

    public IAsyncEnumerable<SourceMessage> ReadAsync(IReadOnlyList<Watermark> resumeAfter, CancellationToken stopReading)
    {
        foreach (var stream in _streams)
        {
            stream.Forget();
            if (resumeAfter.FirstOrDefault(watermark => watermark.Position.Partition == stream.Name) is { } checkpoint)
            {
                stream.Resume(checkpoint);
            }
        }

        return _halt.WatchAsync(ReadStreamsAsync(stopReading), stopReading).Explain($"Reading {string.Join(", ", _options.Streams)}", stopReading);
    }

    /// <summary>Asks nothing of the server, which keeps nothing for us.</summary>
    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        _halt.Acknowledged(reached);
        return default;
    }

    /// <summary>Nothing to do: a connection lives no longer than the enumerator that reads it.</summary>
    public ValueTask DisposeAsync() => default;

    async IAsyncEnumerable<SourceMessage> ReadStreamsAsync([EnumeratorCancellation] CancellationToken stopReading)
    {
        var connection = await _servers.ConnectAsync(stopReading).ConfigureAwait(false);
        var reader = new CursorReader(_options, connection);
        await using var closing = reader.ConfigureAwait(false);
        foreach (var stream in _streams.Where(stream => !stream.IsResumed))
        {
            if (_options.Start == RedisStreamsOptions.FromNow)
            {
                await reader.GoToEndAsync(stream, stopReading).ConfigureAwait(false);
            }

            yield return stream.ToWatermark();
        }

        _context.ReportConnected();
        var gaps = new GapCheck(reader.LookAsync, isOptional: false, reader.Endpoint, _context.TimeProvider, _log);
        while (!stopReading.IsCancellationRequested)
        {
            if (gaps.IsDue)
            {
                await foreach (var message in gaps.FindAsync(_streams, stopReading).ConfigureAwait(false))
                {
                    yield return message;
                }

                _streams.ForEach(stream => ThrowIfItGrowsBehind(stream, reader.Endpoint));
            }

            var reply = await reader.ReadNewAsync(_streams, stopReading).ConfigureAwait(false);
            for (var i = 0; i < reply.Count; i += 2)
            {
                var stream = StreamState.Find(_streams, reply[i]);
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
            yield return _mapper.Map(stream, id, entries[i][1].Items);
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
