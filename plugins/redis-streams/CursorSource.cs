using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Reads every entry of its streams, in order; the checkpoint alone decides where it goes on.</summary>
sealed class CursorSource : IChangeSource
{
    readonly RedisStreamsOptions _options;
    readonly List<StreamState> _streams;
    readonly List<CursorReading> _readings;
    readonly ReaderMerge? _merge;
    readonly Trimmers _trimming;

    public CursorSource(RedisStreamsOptions options, SourceTraits traits, SourceContext context)
    {
        _options = options;
        Traits = traits;
        var servers = new RedisServers(options.Connection, context);
        var log = context.LoggerFactory.CreateLogger<CursorSource>();
        _streams = [.. options.Streams.Select(name => new StreamState(name) { Delay = options.DelayOf(name) })];
        _readings =
        [
            .. Shares.Of(_streams, context.Readers, servers.IsCluster).Select(share => new CursorReading(
                options, share, servers, new EntryMapper(options.Key is null ? null : new KeyPath(options.Key), log), context, log)),
        ];
        _trimming = new Trimmers(options, _streams, servers, context);
        _merge = _readings.Count > 1 ? new ReaderMerge(_readings, keepsUnread: false, context.TimeProvider, log) : null;
    }

    public SourceTraits Traits { get; }

    public IAsyncEnumerable<SourceMessage> ReadAsync(IReadOnlyList<Watermark> resumeAfter, CancellationToken stopReading)
    {
        _trimming.Start();
        foreach (var stream in _streams)
        {
            stream.Forget();
            if (resumeAfter.FirstOrDefault(watermark => watermark.Position.Partition == stream.Name) is { } checkpoint)
            {
                stream.Resume(checkpoint);

                // After a failure the host goes on behind what it has received, which is not settled yet.
                stream.Checkpointed ??= stream.LastEmitted;
            }
        }

        return (_merge?.ReadAsync(stopReading) ?? _readings[0].ReadAsync(stopReading)).Explain($"Reading {string.Join(", ", _options.Streams)}", stopReading);
    }

    /// <summary>Asks nothing of the server, which keeps nothing for us.</summary>
    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        _readings.ForEach(reading => reading.Acknowledged(reached));
        return default;
    }

    /// <summary>Ends the trimming; a connection that reads lives no longer than its enumerator.</summary>
    public ValueTask DisposeAsync() => _trimming.DisposeAsync();
}
