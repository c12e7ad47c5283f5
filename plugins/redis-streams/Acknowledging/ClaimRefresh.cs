using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Keeps what this consumer holds from those that take over what was left: an entry that has been pending for half of claimIdle counts as handed out now. For as long as the source
/// lives, however long a sink takes.
/// </summary>
sealed class ClaimRefresh : IAsyncDisposable
{
    const int PageSize = 1000;

    // XCLAIM forgets an entry that was deleted, and nobody would report it: such an entry is left to whoever reads it next.
    static readonly RedisScript Script = new(
        """
        local held = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], ARGV[4], '+', ARGV[5], ARGV[2])
        for _, entry in ipairs(held) do
          if #redis.call('XRANGE', KEYS[1], entry[1], entry[1]) > 0 then
            redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry[1], 'JUSTID')
          end
        end
        return #held > 0 and held[#held][1]
        """);

    readonly RedisStreamsOptions _options;
    readonly string _consumer;
    readonly IReadOnlyList<StreamState> _streams;
    readonly ControlConnection _control;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly CancellationTokenSource _end = new();
    readonly Task _running;
    readonly long _idle;

    public ClaimRefresh(
        RedisStreamsOptions options, TimeSpan idle, string consumer, IReadOnlyList<StreamState> streams, ControlConnection control, TimeProvider time, ILogger log)
    {
        _options = options;
        _consumer = consumer;
        _streams = streams;
        _control = control;
        _time = time;
        _log = log;
        _idle = (long)(idle / 2).TotalMilliseconds;
        _running = RunAsync(idle / 4);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    async Task RunAsync(TimeSpan interval)
    {
        var failing = new HashSet<StreamState>();
        while (true)
        {
            await Task.Delay(interval, _time, _end.Token).ConfigureAwait(false);
            foreach (var stream in _streams)
            {
                try
                {
                    await _control.UseAsync(connection => RefreshAsync(connection, stream), _end.Token).ConfigureAwait(false);
                    failing.Remove(stream);
                }
                catch (Exception e) when (!_end.IsCancellationRequested)
                {
                    // No group yet is nothing to be kept.
                    if (e is not RedisException { Code: "NOGROUP" } && failing.Add(stream))
                    {
                        _log.RefreshFails(e.Message);
                    }
                }
            }
        }
    }

    async ValueTask<bool> RefreshAsync(RedisConnection connection, StreamState stream)
    {
        for (var from = "-"; from.Length > 0;)
        {
            var place = from;
            var last = await Script.RunAsync(
                connection,
                keys: 1,
                arguments: 5,
                command =>
                {
                    command.Add(stream.NameBytes);
                    command.Add(_options.Group!);
                    command.Add(_consumer);
                    command.Add(_idle);
                    command.Add(place);
                    command.Add(PageSize);
                },
                _end.Token).ConfigureAwait(false);
            from = last.IsNull ? "" : $"({last.AsText()}";
        }

        return true;
    }
}
