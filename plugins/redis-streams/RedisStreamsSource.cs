using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Reads streams as a member of a group. What the group has handed out and we have not acknowledged comes again after a crash: the
/// server's pending list decides, never the checkpoint.
/// </summary>
sealed class RedisStreamsSource : IChangeSource
{
    readonly RedisStreamsOptions _options;
    readonly List<StreamState> _streams;
    readonly List<GroupReading> _readings;
    readonly ReaderMerge? _merge;
    readonly Trimmers _trimming;

    public RedisStreamsSource(RedisStreamsOptions options, SourceTraits traits, SourceContext context)
    {
        _options = options;
        Traits = traits;
        var consumer = options.Consumer ?? $"penstock-{context.Pipeline}-{context.Instance}";
        var servers = new RedisServers(options.Connection, context);
        var duplicates = options.Dedupe is { } dedupe ? new DuplicateFilter(dedupe, context) : null;
        _streams = [.. options.Streams.Select(name => new StreamState(name)
        {
            Delay = options.DelayOf(name),
            Lease = options.Ordered ? new Lease(StreamLeases.KeyOf(options.Connection.KeyPrefix, name, options.Group!), context.TimeProvider) : null,
        })];

        // In order, a stream has one reader. Otherwise each reader is a consumer that reads them all, and the first one also keeps watch.
        var consumers = options.Ordered ? 1 : context.Readers;
        _readings =
        [
            .. from reader in Enumerable.Range(0, consumers)
               from share in Shares.Of(_streams, options.Ordered ? context.Readers : 1, servers.IsCluster)
               select new GroupReading(
                   options, FormerReaders.NameOf(consumer, reader), share, reader == 0 ? new FormerReaders(consumer, consumers) : null, servers, duplicates, context),
        ];
        _trimming = new Trimmers(options, _streams, servers, context);
        _merge = _readings.Count > 1
            ? new ReaderMerge(_readings, keepsUnread: true, context.TimeProvider, context.LoggerFactory.CreateLogger<RedisStreamsSource>())
            : null;
    }

    public SourceTraits Traits { get; }

    public IAsyncEnumerable<SourceMessage> ReadAsync(IReadOnlyList<Watermark> resumeAfter, CancellationToken stopReading)
    {
        _trimming.Start();
        foreach (var watermark in resumeAfter)
        {
            _streams.Find(stream => stream.Name == watermark.Position.Partition)?.Resume(watermark);
        }

        return (_merge?.ReadAsync(stopReading) ?? _readings[0].ReadAsync(stopReading))
            .Explain($"Reading {string.Join(", ", _options.Streams)} as group \"{_options.Group}\"", stopReading);
    }

    public async ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken) =>
        await Task.WhenAll(_readings.Select(reading => reading.AcknowledgeAsync(reached, cancellationToken).AsTask())).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _trimming.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_readings.Select(reading => reading.DisposeAsync().AsTask())).ConfigureAwait(false);
    }
}
