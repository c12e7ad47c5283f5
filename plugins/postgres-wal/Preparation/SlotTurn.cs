using Microsoft.Extensions.Logging;
using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Waits for a slot that somebody reads. After a lost connection that is the server's end of our own, until <c>wal_sender_timeout</c>; whoever is
/// there for longer is another reader, behind which this source stands by.
/// </summary>
sealed class SlotTurn(string slot, TimeProvider time, ILogger logger)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    // Between two failures that say the same: the host logs each.
    static readonly TimeSpan StandBy = TimeSpan.FromSeconds(10);

    static readonly TimeSpan UnlimitedSender = TimeSpan.FromSeconds(60);
    static readonly TimeSpan LeastMargin = TimeSpan.FromSeconds(1);

    long? _takenSince;
    bool _isStandingBy;

    /// <summary>How long the server may take to notice that a reader is gone.</summary>
    public static TimeSpan Patience(TimeSpan walSenderTimeout)
    {
        var timeout = walSenderTimeout > TimeSpan.Zero ? walSenderTimeout : UnlimitedSender;
        return timeout + (timeout / 5 > LeastMargin ? timeout / 5 : LeastMargin);
    }

    /// <summary>Returns when nobody reads the slot.</summary>
    /// <exception cref="PluginException">Somebody else does, and keeps doing it. Passing: the next call waits again.</exception>
    public async ValueTask WaitAsync(NpgsqlConnection connection, TimeSpan walSenderTimeout, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (await SlotOwner.ReadAsync(connection, slot, cancellationToken).ConfigureAwait(false) is { } owner)
        {
            if (_takenSince is null)
            {
                _takenSince = began;
                Log.SlotTaken(logger, slot, owner.ToString(), Patience(walSenderTimeout));
            }

            if (time.GetElapsedTime(_takenSince.Value) > Patience(walSenderTimeout) && (!_isStandingBy || time.GetElapsedTime(began) >= StandBy))
            {
                _isStandingBy = true;
                throw new PluginException(
                    FailureKind.Transient,
                    $"Slot \"{slot}\" is read by somebody else ({owner}), and has been for longer than a lost connection would last. This source stands by, and reads when the slot "
                    + "becomes free. If that is not intended, give each its own \"slot\", or end the other one: "
                    + $"SELECT pg_terminate_backend({owner.Pid});");
            }

            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
        }

        _takenSince = null;
        _isStandingBy = false;
    }
}
