using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>The leases of ordered mode: takes those that are free, and renews what it has for as long as the source lives.</summary>
sealed class StreamLeases : IAsyncDisposable
{
    /// <summary>How often to try for what another host has.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    readonly IReadOnlyList<StreamState> _streams;
    readonly ControlConnection _control;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly CancellationTokenSource _end = new();
    readonly HashSet<StreamState> _saidThatItStandsBy = [];
    readonly Task _renewing;
    long? _tried;

    public StreamLeases(IReadOnlyList<StreamState> streams, ControlConnection control, TimeProvider time, ILogger log)
    {
        _streams = streams;
        _control = control;
        _time = time;
        _log = log;
        _renewing = RenewAlwaysAsync();
    }

    /// <summary>The key of the lease on a stream for the consumers of a group. Its end tells it from the trimmer's and from the count of holders, whatever the names are.</summary>
    public static string KeyOf(string keyPrefix, string stream, string group) => $"{keyPrefix}lease:{HashTag.Of(stream)}:{stream}:{group}:read";

    /// <summary>Takes what nobody has. What was lost before belongs to an earlier generation from then on: it comes again.</summary>
    public async ValueTask TakeFreeAsync(CancellationToken cancellationToken)
    {
        if (_tried is { } tried && _time.GetElapsedTime(tried) < RetryInterval)
        {
            return;
        }

        _tried = _time.GetTimestamp();
        foreach (var stream in _streams)
        {
            var lease = stream.Lease!;
            if (lease.IsHeld)
            {
                continue;
            }

            stream.Generation++;
            if (await _control.UseAsync(connection => lease.TryTakeAsync(connection, cancellationToken), cancellationToken).ConfigureAwait(false))
            {
                _saidThatItStandsBy.Remove(stream);
                _log.LeaseIsTaken(stream.Name, lease.Key, lease.Epoch);
            }
            else if (_saidThatItStandsBy.Add(stream))
            {
                _log.StandsBy(stream.Name, lease.Key);
            }
        }
    }

    /// <summary>
    /// Waits until these leases will not end before a blocking read does: what the server hands out after that would be with nobody.
    /// </summary>
    /// <exception cref="RedisConnectionException">One of them was lost.</exception>
    public async ValueTask WaitAsync(IReadOnlyList<StreamState> streams, TimeSpan block, CancellationToken cancellationToken)
    {
        foreach (var stream in streams)
        {
            while (stream.Lease!.Remaining < block)
            {
                stream.ThrowIfLeaseIsLost();
                await Task.Delay(Lease.RenewInterval / 10, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gives up all that it has.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
        foreach (var stream in _streams)
        {
            try
            {
                if (stream.Lease!.IsHeld)
                {
                    await _control.UseAsync(
                        async connection =>
                        {
                            await stream.Lease.ReleaseAsync(connection, CancellationToken.None).ConfigureAwait(false);
                            return true;
                        },
                        CancellationToken.None).ConfigureAwait(false);
                }
            }
            catch (RedisClientException e)
            {
                // It ends by itself.
                _log.LeaseIsNotRenewed(e.Message);
            }
        }
    }

    async Task RenewAlwaysAsync()
    {
        while (true)
        {
            await Task.Delay(Lease.RenewInterval, _time, _end.Token).ConfigureAwait(false);
            foreach (var stream in _streams)
            {
                try
                {
                    // Asked again in its turn: the wait for it may have been too long.
                    await _control.UseAsync(
                        async connection => stream.Lease!.IsHeld && await stream.Lease.RenewAsync(connection, CancellationToken.None).ConfigureAwait(false),
                        CancellationToken.None).ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    // Whatever it is: the other leases are to be renewed.
                    _log.LeaseIsNotRenewed(e.Message);
                }
            }
        }
    }
}
