using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Reads some streams as one consumer of the group, over connections of its own.</summary>
sealed class GroupReading : IReading, IAsyncDisposable
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
    readonly ControlConnection _connection;
    readonly DeadLetterStream _deadLetters;
    readonly FormerReaders? _former;
    readonly GapHalt _halt;
    readonly GroupControl _control;
    readonly StreamLeases? _leases;
    readonly ClaimRefresh? _refresh;
    bool _isDisposed;

    /// <param name="options">The source's options.</param>
    /// <param name="consumer">The consumer's name.</param>
    /// <param name="streams">What it reads; of one slot.</param>
    /// <param name="former">For the first reader of a stream, which alone looks for gaps; else null.</param>
    /// <param name="servers">Where.</param>
    /// <param name="duplicates">Shared by the readers; null without it.</param>
    /// <param name="context">What the host gave the source.</param>
    public GroupReading(
        RedisStreamsOptions options, string consumer, List<StreamState> streams, FormerReaders? former, RedisServers servers, DuplicateFilter? duplicates, SourceContext context)
    {
        _options = options;
        _context = context;
        _consumer = consumer;
        _servers = servers;
        _streams = streams;
        _log = context.LoggerFactory.CreateLogger<RedisStreamsSource>();
        _former = former;
        _connection = new ControlConnection(servers, streams[0].NameBytes);
        _deadLetters = new DeadLetterStream(options, _connection, servers, context, _log);
        _halt = new GapHalt(options.OnGap, streams);
        _groups = new GroupKeeper(options, streams, context.TimeProvider, _log);
        _emitter = new EntryEmitter(
            _inFlight,
            new EntryMapper(options.Key is null ? null : new KeyPath(options.Key), _log),
            _log,
            duplicates,
            _deadLetters);
        _control = new GroupControl(options, isShared: !options.Ordered && context.Readers > 1, _connection, _inFlight, context.TimeProvider, _log);
        _leases = options.Ordered ? new StreamLeases(streams, _connection, context.TimeProvider, _log) : null;
        _refresh = options.ClaimIdle is { } idle ? new ClaimRefresh(options, idle, consumer, streams, _connection, context.TimeProvider, _log) : null;
    }

    public string Streams => string.Join(", ", _streams.Select(stream => stream.Name));

    public IAsyncEnumerable<SourceMessage> ReadAsync(CancellationToken stopReading) => _halt.WatchAsync(ReadGroupsAsync(stopReading), stopReading);

    /// <summary>Acknowledges what of this it has read, and what it owes from before.</summary>
    public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        _halt.Acknowledged(reached);
        return _control.AcknowledgeAsync(reached, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (_refresh is not null)
        {
            await _refresh.DisposeAsync().ConfigureAwait(false);
        }

        // What is owed is paid while the leases are ours.
        await _control.DisposeAsync().ConfigureAwait(false);
        if (_leases is not null)
        {
            await _leases.DisposeAsync().ConfigureAwait(false);
        }

        await _deadLetters.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    async IAsyncEnumerable<SourceMessage> ReadGroupsAsync([EnumeratorCancellation] CancellationToken stopReading)
    {
        if (_emitter.Finish() is { } cutShort)
        {
            yield return cutShort;
        }

        var connection = await _servers.ConnectAsync(_streams[0].NameBytes, stopReading).ConfigureAwait(false);
        var reader = new GroupReader(_options, _consumer, _streams[0].Delay, connection, _context.TimeProvider);
        var gaps = new GapCheck(reader.LookAsync, isOptional: _options.OnGap == GapPolicy.Continue, reader.Endpoint, _context.TimeProvider, _log);
        await using var closing = reader.ConfigureAwait(false);
        await _groups.EnsureAsync(reader, stopReading).ConfigureAwait(false);
        _context.ReportConnected();
        foreach (var message in _groups.TakeReports())
        {
            yield return message;
        }

        var owned = new OwnedStreams(_streams, _leases, reader, _emitter, _inFlight, _context.TimeProvider, _log);
        foreach (var stream in owned.Streams)
        {
            string[] former = _former is null ? [] : await _former.FindAsync(reader, stream, stopReading).ConfigureAwait(false);
            foreach (var consumer in (string[])[.. former, _consumer])
            {
                await foreach (var message in ReadPendingAsync(reader, stream, consumer, stopReading).ConfigureAwait(false))
                {
                    yield return message;
                }
            }
        }

        Action<object?> unblock = _ => _ = UnblockAsync(reader.Endpoint, reader.ClientId);
        using var stopping = stopReading.UnsafeRegister(unblock, state: null);
        using var refused = _control.Refused.UnsafeRegister(unblock, state: null);
        var abandoned = _options.ClaimIdle is { } idle
            ? new AbandonedEntries(idle, reader, _emitter, _inFlight, _context.TimeProvider, _log)
            : null;
        Task<RespValue>? ahead = null;
        while (ahead is not null || !stopReading.IsCancellationRequested)
        {
            _control.ThrowIfRefused();
            if (_control.IsOverdue)
            {
                await _control.AcknowledgeAsync([], stopReading).ConfigureAwait(false);
            }

            if (ahead is null)
            {
                await foreach (var message in owned.TakeAsync(stopReading).ConfigureAwait(false))
                {
                    yield return message;
                }
            }

            if (ahead is null && LooksForGaps && gaps.IsDue)
            {
                await foreach (var message in gaps.FindAsync(owned.Streams, stopReading).ConfigureAwait(false))
                {
                    yield return message;
                }
            }

            if (ahead is null && abandoned is { IsDue: true })
            {
                foreach (var stream in owned.Streams)
                {
                    await foreach (var message in ReadStraysAsync(reader, stream, stopReading).ConfigureAwait(false))
                    {
                        yield return message;
                    }
                }

                await foreach (var message in abandoned.TakeAsync(owned.Streams, stopReading).ConfigureAwait(false))
                {
                    yield return message;
                }
            }

            if (ahead is null && !await owned.MayReadAsync(reader.Block, stopReading).ConfigureAwait(false))
            {
                continue;
            }

            var (reply, reports) = await TakeNewAsync(reader, ahead ?? reader.ReadNewAsync(owned.Streams, stopReading).AsTask()).ConfigureAwait(false);
            // A full page promises another one: the server works on it while this one is emitted.
            var isBusy = IsFull(reply, reader.Asked) && abandoned is not { IsDue: true } && !(LooksForGaps && gaps.IsDue) && !owned.IsDue(reader.Block) && !stopReading.IsCancellationRequested;
            ahead = isBusy ? Observed(reader.ReadNewAsync(owned.Streams, stopReading).AsTask()) : null;
            foreach (var message in reports ?? Emit(reply, reader.Endpoint))
            {
                yield return message;
            }
        }
    }

    bool LooksForGaps => _former is not null;

    // Nobody waits for it when reading ends before its turn; what it was given is pending, and comes again.
    static Task<RespValue> Observed(Task<RespValue> read)
    {
        _ = read.ContinueWith(static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return read;
    }

    static bool IsFull(RespValue reply, int asked)
    {
        for (var i = 1; i < reply.Count; i += 2)
        {
            if (reply[i].Count >= asked)
            {
                return true;
            }
        }

        return false;
    }

    async IAsyncEnumerable<SourceMessage> ReadPendingAsync(
        GroupReader reader, StreamState stream, string consumer, [EnumeratorCancellation] CancellationToken stopReading)
    {
        var skip = _inFlight.Snapshot(stream);
        var after = default(StreamId);
        while (true)
        {
            _control.ThrowIfRefused();
            var page = await reader.ReadPendingAsync(stream, consumer, after, stopReading).ConfigureAwait(false);
            if (page.Count == 0)
            {
                yield break;
            }

            after = StreamId.Parse(page[page.Count - 1][0].Span);
            await foreach (var message in _emitter.EmitAgainAsync(stream, consumer, page, skip, reader.Endpoint, stopReading).ConfigureAwait(false))
            {
                yield return message;
            }
        }
    }

    // What the server handed out to this consumer and a broken connection did not bring: it is kept from others, and nobody would get it before the next start. Ours are counted first: what is
    // acknowledged in between only makes the server's number smaller.
    async IAsyncEnumerable<SourceMessage> ReadStraysAsync(GroupReader reader, StreamState stream, [EnumeratorCancellation] CancellationToken stopReading)
    {
        var ours = _inFlight.Count(stream);
        if (await reader.CountOwnPendingAsync(stream, stopReading).ConfigureAwait(false) > ours)
        {
            await foreach (var message in ReadPendingAsync(reader, stream, _consumer, stopReading).ConfigureAwait(false))
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

    // Ends a client's blocking read with an empty reply; a read that does not wait is left alone. Best effort: it ends by itself, no later than its BLOCK.
    async Task UnblockAsync(string endpoint, long clientId)
    {
        try
        {
            await _connection.UseAsync(
                async connection =>
                {
                    // At another server the number is somebody else's.
                    if (connection.Endpoint == endpoint)
                    {
                        await connection.ExecuteAsync(["CLIENT", "UNBLOCK", $"{clientId}"], CancellationToken.None).ConfigureAwait(false);
                    }

                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (RedisClientException e)
        {
            _log.ReadIsNotEnded(e.Message);
        }
    }
}
