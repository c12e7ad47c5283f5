using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Reads streams as one consumer of a group. What the group has handed out and we have not acknowledged comes again after a crash: the
/// server's pending list decides, never the checkpoint.
/// </summary>
sealed class RedisStreamsSource : IChangeSource
{
    readonly RedisStreamsOptions _options;
    readonly GroupReading _reading;
    readonly GapHalt _halt;

    public RedisStreamsSource(RedisStreamsOptions options, SourceTraits traits, SourceContext context)
    {
        _options = options;
        Traits = traits;
        var consumer = options.Consumer ?? $"penstock-{context.Pipeline}-{context.Instance}";
        List<StreamState> streams = [.. options.Streams.Select(name => new StreamState(name)
        {
            Lease = options.Ordered ? new Lease(StreamLeases.KeyOf(options.Connection.KeyPrefix, name, options.Group!), context.TimeProvider) : null,
        })];
        var duplicates = options.Dedupe is { } dedupe ? new DuplicateFilter(dedupe, context) : null;
        _reading = new GroupReading(options, consumer, streams, new RedisServers(options.Connection, context), duplicates, context);
        _halt = new GapHalt(options.OnGap, streams);
    }

    public SourceTraits Traits { get; }

    public IAsyncEnumerable<SourceMessage> ReadAsync(IReadOnlyList<Watermark> resumeAfter, CancellationToken stopReading) =>
        _halt.WatchAsync(_reading.ReadAsync(resumeAfter, stopReading), stopReading)
            .Explain($"Reading {string.Join(", ", _options.Streams)} as group \"{_options.Group}\"", stopReading);

    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        _halt.Acknowledged(reached);
        return _reading.AcknowledgeAsync(reached, cancellationToken);
    }

    public ValueTask DisposeAsync() => _reading.DisposeAsync();
}
