using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Trims streams of one slot once a second, under a lease for each: of all hosts, one does.</summary>
sealed class StreamTrimmer : IAsyncDisposable
{
    static readonly TimeSpan SilenceAfterWarning = TimeSpan.FromMinutes(1);

    readonly TrimOptions _bounds;
    readonly IReadOnlyList<StreamState> _streams;
    readonly Dictionary<StreamState, Lease> _leases;
    readonly string _keyPrefix;
    readonly ControlConnection _control;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly Counter<long> _freed;
    readonly Counter<long> _lost;
    readonly KeyValuePair<string, object?>[] _labels;
    readonly Dictionary<StreamState, (long Lost, long At)> _untold = [];
    readonly CancellationTokenSource _end = new();
    readonly Task _running;

    public StreamTrimmer(RedisStreamsOptions options, TrimOptions bounds, IReadOnlyList<StreamState> streams, RedisServers servers, SourceContext context)
    {
        _bounds = bounds;
        _streams = streams;
        _keyPrefix = options.Connection.KeyPrefix;
        _time = context.TimeProvider;
        _log = context.LoggerFactory.CreateLogger<StreamTrimmer>();
        _control = new ControlConnection(servers, streams[0].NameBytes);
        _leases = streams.ToDictionary(stream => stream, stream => new Lease($"{_keyPrefix}lease:{HashTag.Of(stream.Name)}:{stream.Name}:trim", _time));
        _labels = [new("pipeline", context.Pipeline), new("source", context.Instance)];
        _freed = context.Meter.CreateCounter<long>("penstock_source_trimmed_total", "{entry}", "Entries that were removed because nobody needed them any more.");
        _lost = context.Meter.CreateCounter<long>("penstock_source_trimmed_unread_total", "{entry}", "Entries that were removed although somebody had not read them.");
        _freed.Add(0, _labels);
        _lost.Add(0, _labels);
        _running = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _control.DisposeAsync().ConfigureAwait(false);
    }

    async Task RunAsync()
    {
        var failing = new HashSet<StreamState>();
        while (true)
        {
            await Task.Delay(Lease.RenewInterval, _time, _end.Token).ConfigureAwait(false);
            foreach (var stream in _streams)
            {
                try
                {
                    await _control.UseAsync(connection => TrimAsync(connection, stream), CancellationToken.None).ConfigureAwait(false);
                    failing.Remove(stream);
                }
                catch (Exception e)
                {
                    if (failing.Add(stream))
                    {
                        _log.TrimFails(stream.Name, e.Message);
                    }
                }
            }
        }
    }

    async ValueTask<bool> TrimAsync(RedisConnection connection, StreamState stream)
    {
        if (!stream.IsKnownToTrimmers)
        {
            // A reader that has not told its place yet would lose what it comes for. The lease is for others until it has.
            return false;
        }

        var lease = _leases[stream];
        var isOurs = lease.IsHeld
            ? await lease.RenewAsync(connection, CancellationToken.None).ConfigureAwait(false)
            : await lease.TryTakeAsync(connection, CancellationToken.None).ConfigureAwait(false);

        if (isOurs)
        {
            var (freed, lost, holder) = await TrimScript.RunAsync(
                connection, stream, lease, ReaderPlaces.KeyOf(_keyPrefix, stream.Name), _bounds, CancellationToken.None).ConfigureAwait(false);
            _freed.Add(freed, _labels);
            Tell(stream, lost, holder);
        }

        return isOurs;
    }

    void Tell(StreamState stream, long lost, string holder)
    {
        if (lost == 0)
        {
            return;
        }

        _lost.Add(lost, _labels);
        var (before, at) = _untold.GetValueOrDefault(stream);
        if (at != 0 && _time.GetElapsedTime(at) < SilenceAfterWarning)
        {
            _untold[stream] = (before + lost, at);
            return;
        }

        _log.UnreadEntriesWereTrimmed(before + lost, stream.Name, holder);
        _untold[stream] = (0, _time.GetTimestamp());
    }
}
