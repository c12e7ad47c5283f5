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
        var hasFailed = false;
        while (true)
        {
            await Task.Delay(interval, _time, _end.Token).ConfigureAwait(false);
            try
            {
                foreach (var stream in _streams)
                {
                    await _control.UseAsync(connection => RefreshAsync(connection, stream), _end.Token).ConfigureAwait(false);
                }

                hasFailed = false;
            }
            catch (RedisClientException e)
            {
                // No group yet is nothing to be kept.
                if (!hasFailed && e is not RedisException { Code: "NOGROUP" })
                {
                    _log.RefreshFails(e.Message);
                    hasFailed = true;
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
