using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Penstock.Redis;

/// <summary>
/// One RESP3 connection with one owner: nothing is multiplexed, so a blocking command blocks nobody else. A reader loop of its own takes
/// replies and pushes as they come. Once broken it stays broken; the owner makes a new one.
/// </summary>
public sealed partial class RedisConnection : IAsyncDisposable
{
    /// <summary>How many pushes wait unread before the connection stops reading, and with it the server stops sending.</summary>
    public const int PushCapacity = 1024;

    // After how many reads the reader loop leaves a thread that watches sockets; some 100 µs each when they are full.
    const int ReadsOnSocketThread = 8;

    static readonly byte[] PingCommand = "*1\r\n$4\r\nPING\r\n"u8.ToArray();
    static readonly byte[] Fence = "penstock-fence"u8.ToArray();

    readonly Stream _stream;
    readonly Socket _socket;
    readonly TimeProvider _time;
    readonly TimeSpan _commandTimeout;
    readonly ReadBlocks _blocks = new();
    readonly PipeReader _input;
    readonly RespParser _parser = new(new RespLimits());
    readonly Queue<PendingReplies> _pending = new();
    readonly Lock _gate = new();
    readonly SemaphoreSlim _writing = new(1, 1);
    readonly CommandDeadline _deadline;
    readonly Channel<RespValue> _pushes = Channel.CreateBounded<RespValue>(
        new BoundedChannelOptions(PushCapacity) { SingleReader = true, SingleWriter = true });

    readonly Task _reading;
    Heartbeat? _heartbeat;
    PrimaryWatch? _watch;
    RedisClientException? _failure;
    long _lastAliveTicks;
    long _readingSince;
    long _bytesReceived;

    internal RedisConnection(Socket socket, Stream stream, RedisEndpoint endpoint, TimeSpan commandTimeout, TimeProvider time)
    {
        _socket = socket;
        _stream = stream;
        _time = time;
        _commandTimeout = commandTimeout;
        Endpoint = endpoint.ToString();
        _lastAliveTicks = time.GetUtcNow().UtcTicks;
        _deadline = new CommandDeadline(time, () => Silence, timeout => Abort(new RedisConnectionException(
            $"{Endpoint} did not answer within {Duration.Format(timeout)} (connection.commandTimeout).")));
        _input = PipeReader.Create(stream, new StreamPipeReaderOptions(_blocks, ReadBlocks.ReadSize, leaveOpen: true));
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>The server as host:port.</summary>
    public string Endpoint { get; }

    /// <summary>The server's number for this connection, as CLIENT UNBLOCK and CLIENT KILL take it.</summary>
    public long ClientId => Server.ClientId;

    /// <summary>Whether the connection can still be used, as far as is known.</summary>
    public bool IsOpen => _failure is null;

    /// <summary>
    /// When the last command that was answered was sent: whatever the server sent before is in <see cref="Pushes"/>. A loss window opens
    /// here, not when the failure was noticed.
    /// </summary>
    /// <remarks>
    /// The instant at which bytes are read proves less: they may have waited in the socket for as long as the reader was held up, while the
    /// server gave up on us and dropped what came after them.
    /// </remarks>
    public DateTimeOffset LastAliveAt => new(Volatile.Read(ref _lastAliveTicks), TimeSpan.Zero);

    /// <summary>Up to when the server is known to be the primary; without sentinels nobody else could say so.</summary>
    internal DateTimeOffset NamedAt => _watch?.NamedAt ?? DateTimeOffset.MaxValue;

    /// <summary>
    /// What the server sends unasked, in order, confirmations of subscriptions included. Completes with the failure when the connection
    /// ends. Unread pushes beyond <see cref="PushCapacity"/> stop the reading, replies included.
    /// </summary>
    public ChannelReader<RespValue> Pushes => _pushes.Reader;

    /// <summary>What the server said when it let us in.</summary>
    internal ServerGreeting Server { get; set; }

    /// <summary>Told of errors and of a broken connection: they may mean that the data is elsewhere. Null elsewhere than in a cluster.</summary>
    internal ClusterView? Cluster { get; set; }

    /// <summary>How many bytes the server has sent, as far as they were read.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>For how long the server has sent nothing while we were ready to read.</summary>
    internal TimeSpan Silence => Volatile.Read(ref _readingSince) is var since && since == 0 ? TimeSpan.Zero : _time.GetElapsedTime(since);

    /// <summary>Closes the connection; whoever waits for a reply gets a <see cref="RedisConnectionException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        Cluster = null;
        Abort(new RedisConnectionException($"The connection to {Endpoint} was closed by its owner."));
        await _reading.ConfigureAwait(false);
        _heartbeat?.Dispose();
        _deadline.Dispose();
        if (_watch is { } watch)
        {
            await watch.DisposeAsync().ConfigureAwait(false);
        }

        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    internal void StartHeartbeat() => _heartbeat = new Heartbeat(this, _time);

    /// <summary>The watch lives as long as the connection.</summary>
    internal void WatchBy(PrimaryWatch watch) => _watch = watch;

    internal void Abort(RedisClientException failure)
    {
        lock (_gate)
        {
            // What the disposed socket says to the reader loop, which may be quicker, is no reason.
            failure = _failure ??= failure;
        }

        // The reader loop ends with its socket, or with the channel it cannot write to, and tells everybody who waits.
        _socket.Dispose();
        _pushes.Writer.TryComplete(failure);
    }

    async Task ReadAsync()
    {
        try
        {
            for (var reads = 1; ; reads++)
            {
                if (reads % ReadsOnSocketThread == 0 && !Thread.CurrentThread.IsThreadPoolThread)
                {
                    // Other connections wait for this thread, and a busy server would never let us give it back.
                    await Task.Yield();
                }

                Volatile.Write(ref _readingSince, _time.GetTimestamp());
                var result = await _input.ReadAsync().ConfigureAwait(false);
                if (!result.Buffer.IsEmpty)
                {
                    Volatile.Write(ref _readingSince, 0);
                    Volatile.Write(ref _bytesReceived, _bytesReceived + result.Buffer.Length);
                    await DeliverAsync(result.Buffer).ConfigureAwait(false);
                }

                _input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    throw new RedisConnectionException($"{Endpoint} closed the connection.");
                }
            }
        }
        catch (RedisClientException e)
        {
            End(e);
        }
        catch (Exception e)
        {
            End(new RedisConnectionException($"The connection to {Endpoint} broke: {e.Message}", e));
        }
    }

    async ValueTask DeliverAsync(ReadOnlySequence<byte> buffer)
    {
        var last = ReadOnlyMemory<byte>.Empty;
        foreach (var segment in buffer)
        {
            last = segment;
            MemoryMarshal.TryGetArray(segment, out var block);
            _parser.Feed(block.Array!, block.Offset, block.Count);
            while (_parser.TryRead(out var value))
            {
                if (value.Kind != RespKind.Push)
                {
                    TakeReply(value);
                }
                else if (!_pushes.Writer.TryWrite(value))
                {
                    await _pushes.Writer.WriteAsync(value).ConfigureAwait(false);
                }
            }
        }

        _blocks.Reclaim(last);
    }

    void TakeReply(in RespValue reply)
    {
        PendingReplies? pending;
        if (reply.IsError)
        {
            Cluster?.Saw(reply, Endpoint);
        }

        lock (_gate)
        {
            if (!_pending.TryPeek(out pending))
            {
                throw reply.IsError
                    ? RedisException.From(reply)
                    : new RedisProtocolException($"{Endpoint} sent a reply that nobody asked for.");
            }

            // One with parts of its own may have begun in an earlier block.
            if (pending is { EarlierMayGo: true, IsFresh: true } && reply.Count == 0)
            {
                _blocks.ReuseEarlier();
                _parser.ReuseEarlier();
            }

            if (!pending.Take(reply))
            {
                return;
            }

            _pending.Dequeue();
        }

        // The pushes before this reply are delivered: the reader loop takes everything in order.
        Volatile.Write(ref _lastAliveTicks, pending.SentAt);
        pending.Complete();
    }

    void End(RedisClientException failure)
    {
        Abort(failure);
        Cluster?.Lost(RedisEndpoint.Parse(Endpoint));
        _heartbeat?.Dispose();
        lock (_gate)
        {
            failure = _failure!;
            while (_pending.TryDequeue(out var pending))
            {
                pending.Fail(failure);
            }
        }

        _input.Complete();
    }
}
