using System.Text;

namespace Penstock.Redis;

/// <summary>
/// Sends something to itself about once a second, from one connection to the subscribed one: that it arrives proves the whole way, the
/// subscription included. A server may well answer PING on a connection to which it has nothing to send any more.
/// </summary>
sealed class Canary : IAsyncDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // How long one may take to arrive.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.5);

    readonly CanaryCall _call;
    readonly byte[] _channel;
    readonly byte[] _payload;
    readonly RedisConnection _subscribed;
    readonly Func<CancellationToken, ValueTask<RedisConnection>> _connect;
    readonly CanaryRight _right;
    readonly TimeProvider _time;
    readonly CancellationTokenSource _end = new();
    readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Task _sending = Task.CompletedTask;
    TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile bool _isOn = true;
    long _sentTicks;
    long _provenTicks;

    /// <param name="call">What to send, and where it arrives.</param>
    /// <param name="subscribed">Where it arrives; ended when it does not.</param>
    /// <param name="connect">Makes the connection that sends.</param>
    /// <param name="right">Told when the server does not allow it.</param>
    /// <param name="time">The clock.</param>
    public Canary(
        CanaryCall call,
        RedisConnection subscribed,
        Func<CancellationToken, ValueTask<RedisConnection>> connect,
        CanaryRight right,
        TimeProvider time)
    {
        _call = call;
        _channel = Encoding.UTF8.GetBytes(call.Channel);
        _payload = Encoding.UTF8.GetBytes(call.Payload);
        _subscribed = subscribed;
        _connect = connect;
        _right = right;
        _time = time;
        _provenTicks = subscribed.LastAliveAt.UtcTicks;
    }

    public string Channel => _call.Channel;

    /// <summary>False while none can be sent: PING has to do as the proof of life.</summary>
    public bool IsOn => _isOn;

    /// <summary>Whether one has arrived.</summary>
    public bool HasArrived { get; private set; }

    /// <summary>Why the subscribed connection was ended; null when it was not.</summary>
    public RedisClientException? Failure { get; private set; }

    /// <summary>When the last one that arrived was sent: what was sent to the subscribers before has arrived before it.</summary>
    public DateTimeOffset ProvenAt => new(Volatile.Read(ref _provenTicks), TimeSpan.Zero);

    /// <summary>Begins, once its channel is subscribed to.</summary>
    public void Start() => _sending = Task.Run(RunAsync);

    /// <summary>Waits until the first one has arrived, or cannot be sent.</summary>
    public Task SettledAsync(CancellationToken cancellationToken) =>
        _settled.Task.WaitAsync(Patience + Interval, _time, cancellationToken);

    /// <summary>Looks at what the server sent; true when it is a canary.</summary>
    public bool Saw(in RespValue push)
    {
        var items = push.Items;
        if (items.Length != 3 || !items[1].Span.SequenceEqual(_channel) || !IsMessage(items[0].Span))
        {
            return false;
        }

        if (items[2].Span.SequenceEqual(_payload))
        {
            Volatile.Write(ref _provenTicks, Volatile.Read(ref _sentTicks));
            HasArrived = _isOn = true;
            _settled.TrySetResult();
            Volatile.Read(ref _arrived).TrySetResult();
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    static bool IsMessage(ReadOnlySpan<byte> kind) => kind.SequenceEqual("message"u8) || kind.SequenceEqual("smessage"u8);

    async Task RunAsync()
    {
        while (true)
        {
            try
            {
                var connection = await _connect(_end.Token).ConfigureAwait(false);
                await using var closing = connection.ConfigureAwait(false);
                await SendAsync(connection).ConfigureAwait(false);
                return;
            }
            catch (RedisClientException refused) when (IsRefusal(refused))
            {
                _isOn = false;
                _right.Refused(_subscribed.Endpoint, refused.Message);
                _settled.TrySetResult();
                return;
            }
            catch (RedisClientException elsewhere) when (elsewhere.NeedsOtherServer)
            {
                End($"{_subscribed.Endpoint} does not have the canary's slot any more, or is no primary any more.");
                return;
            }
            catch (Exception bug) when (bug is not RedisClientException && !_end.IsCancellationRequested)
            {
                // Without canaries, the connection would never be proven again, nor end.
                End($"The canary of {_subscribed.Endpoint} failed: {bug.Message}");
                return;
            }
            catch (RedisClientException)
            {
                // One that is under way must not be taken for the next.
                _isOn = false;
                await Task.Delay(Patience, _time, _end.Token).ConfigureAwait(false);
            }
        }
    }

    // Who listens at a replica can set no key there, ever.
    bool IsRefusal(RedisClientException failure) =>
        failure.Kind == FailureKind.Permanent || (!HasArrived && failure is RedisException { Code: "READONLY" });

    // Until one does not arrive.
    async Task SendAsync(RedisConnection connection)
    {
        while (true)
        {
            Volatile.Write(ref _arrived, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            Volatile.Write(ref _sentTicks, _time.GetUtcNow().UtcTicks);
            var pause = Task.Delay(Interval, _time, _end.Token);
            await connection.ExecuteAsync([.. _call.Command], _end.Token).ConfigureAwait(false);
            try
            {
                await _arrived.Task.WaitAsync(Patience, _time, _end.Token).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                End($"{_subscribed.Endpoint} answers, but does not send what is published: no canary came for {Duration.Format(Patience)}.");
                return;
            }

            await pause.ConfigureAwait(false);
        }
    }

    void End(string why)
    {
        Failure = new RedisConnectionException(why);
        _subscribed.Abort(Failure);
        _settled.TrySetResult();
    }
}
