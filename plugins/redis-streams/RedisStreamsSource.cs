using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Reads streams as one consumer of a group. What the group has handed out and we have not acknowledged comes again after a crash: the
/// server's pending list decides, never the checkpoint.
/// </summary>
sealed class RedisStreamsSource : IChangeSource
{
    static readonly HashSet<StreamId> Nothing = [];

    readonly RedisStreamsOptions _options;
    readonly SourceContext _context;
    readonly string _consumer;
    readonly RedisServers _servers;
    readonly ILogger _log;
    readonly List<StreamState> _streams;
    readonly InFlightEntries _inFlight = new();
    readonly GroupKeeper _groups;
    readonly EntryEmitter _emitter;
    readonly GroupControl _control;
    readonly GapHalt _halt;

    public RedisStreamsSource(RedisStreamsOptions options, SourceTraits traits, SourceContext context)
    {
        _options = options;
        _context = context;
        Traits = traits;
        _consumer = options.Consumer ?? $"penstock-{context.Pipeline}-{context.Instance}";
        _servers = new RedisServers(options.Connection, context);
        _streams = [.. options.Streams.Select(name => new StreamState(name))];
        _log = context.LoggerFactory.CreateLogger<RedisStreamsSource>();
        _groups = new GroupKeeper(options, _streams, context.TimeProvider, _log);
        _emitter = new EntryEmitter(_inFlight, new EntryMapper(options.Key is null ? null : new KeyPath(options.Key), _log), _log);
        _control = new GroupControl(options, _servers, _inFlight, _log);
        _halt = new GapHalt(options.OnGap, _streams);
    }

    public SourceTraits Traits { get; }

    public IAsyncEnumerable<SourceMessage> ReadAsync(IReadOnlyList<Watermark> resumeAfter, CancellationToken stopReading)
    {
        _groups.Remember(resumeAfter);
        return _halt.WatchAsync(ReadGroupsAsync(stopReading), stopReading)
            .Explain($"Reading {string.Join(", ", _options.Streams)} as group \"{_options.Group}\"", stopReading);
    }

    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        _halt.Acknowledged(reached);
        return _control.AcknowledgeAsync(reached, cancellationToken);
    }

    public ValueTask DisposeAsync() => _control.DisposeAsync();

    async IAsyncEnumerable<SourceMessage> ReadGroupsAsync([EnumeratorCancellation] CancellationToken stopReading)
    {
        if (_emitter.Finish() is { } cutShort)
        {
            yield return cutShort;
        }

        var connection = await _servers.ConnectAsync(stopReading).ConfigureAwait(false);
        var reader = new GroupReader(_options, _consumer, connection);
        var gaps = new GapCheck(reader.LookAsync, isOptional: _options.OnGap == GapPolicy.Continue, reader.Endpoint, _context.TimeProvider, _log);
        await using var closing = reader.ConfigureAwait(false);
        await _groups.EnsureAsync(reader, stopReading).ConfigureAwait(false);
        _context.ReportConnected();
        foreach (var message in _groups.TakeReports())
        {
            yield return message;
        }

        foreach (var stream in _streams)
        {
            await foreach (var message in ReadPendingAsync(reader, stream, stopReading).ConfigureAwait(false))
            {
                yield return message;
            }
        }

        Action<object?> unblock = _ => _ = _control.UnblockAsync(reader.ClientId);
        using var stopping = stopReading.UnsafeRegister(unblock, state: null);
        using var refused = _control.Refused.UnsafeRegister(unblock, state: null);
        var abandoned = _options.ClaimIdle is { } idle
            ? new AbandonedEntries(idle, reader, _emitter, _inFlight, _context.TimeProvider, _log)
            : null;
        Task<RespValue>? ahead = null;
        while (ahead is not null || !stopReading.IsCancellationRequested)
        {
            _control.ThrowIfRefused();
            if (ahead is null && gaps.IsDue)
            {
                await foreach (var message in gaps.FindAsync(_streams, stopReading).ConfigureAwait(false))
                {
                    yield return message;
                }
            }

            if (ahead is null && abandoned is not null)
            {
                await foreach (var message in abandoned.TakeAsync(_streams, stopReading).ConfigureAwait(false))
                {
                    yield return message;
                }
            }

            var (reply, reports) = await TakeNewAsync(reader, ahead ?? reader.ReadNewAsync(_streams).AsTask()).ConfigureAwait(false);
            // A full page promises another one: the server works on it while this one is emitted.
            var isBusy = IsFull(reply) && abandoned is not { IsDue: true } && !gaps.IsDue && !stopReading.IsCancellationRequested;
            ahead = isBusy ? reader.ReadNewAsync(_streams).AsTask() : null;
            foreach (var message in reports ?? Emit(reply, reader.Endpoint))
            {
                yield return message;
            }
        }
    }

    bool IsFull(RespValue reply)
    {
        for (var i = 1; i < reply.Count; i += 2)
        {
            if (reply[i].Count >= _options.Count)
            {
                return true;
            }
        }

        return false;
    }

    async IAsyncEnumerable<SourceMessage> ReadPendingAsync(
        GroupReader reader, StreamState stream, [EnumeratorCancellation] CancellationToken stopReading)
    {
        var skip = _inFlight.Snapshot(stream);
        var after = default(StreamId);
        while (true)
        {
            _control.ThrowIfRefused();
            var page = await reader.ReadPendingAsync(stream, after, stopReading).ConfigureAwait(false);
            if (page.Count == 0)
            {
                yield break;
            }

            after = StreamId.Parse(page[page.Count - 1][0].Span);
            foreach (var message in _emitter.Emit(stream, page, skip, reader.Endpoint))
            {
                yield return message;
            }
        }
    }

    // New entries or, when there are none because groups had to be made, what that means.
    async ValueTask<(RespValue Reply, IEnumerable<SourceMessage>? Reports)> TakeNewAsync(GroupReader reader, Task<RespValue> read)
    {
        try
        {
            return (await read.ConfigureAwait(false), null);
        }
        catch (RedisException e) when (e.Code is "NOGROUP" or "UNBLOCKED")
        {
            // Somebody deleted a stream or a group. When all of them are there, the server had another reason, and waiting helps.
            await _groups.EnsureAsync(reader, CancellationToken.None).ConfigureAwait(false);
            if (!_groups.HasReports)
            {
                throw;
            }

            return (default, _groups.TakeReports());
        }
    }

    IEnumerable<SourceMessage> Emit(RespValue reply, string endpoint)
    {
        for (var i = 0; i < reply.Count; i += 2)
        {
            var stream = StreamState.Find(_streams, reply[i]);
            foreach (var message in _emitter.Emit(stream, reply[i + 1], Nothing, endpoint))
            {
                yield return message;
            }
        }
    }
}
