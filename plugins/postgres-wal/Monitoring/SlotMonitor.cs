using Microsoft.Extensions.Logging;
using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Watches the slot, and the server, over a connection of its own, since the one that reads says nothing while nobody takes what it reads. A server that
/// stops waits for its readers: this is who notices, and lets it go.
/// </summary>
/// <param name="slot">The slot.</param>
/// <param name="settings">How to reach the server.</param>
/// <param name="metrics">Where to show what was found.</param>
/// <param name="keeper">What to do about too much WAL; null without a limit.</param>
/// <param name="publication">Whether it still has the tables.</param>
/// <param name="time">Measures.</param>
/// <param name="logger">Where to log.</param>
/// <param name="interval">How often to look.</param>
/// <param name="detach">Ends the reading, for this reason; harmless when nobody reads.</param>
sealed class SlotMonitor(
    string slot,
    ConnectionSettings settings,
    SlotMetrics metrics,
    RetainedWalKeeper? keeper,
    PublicationWatch publication,
    TimeProvider time,
    ILogger logger,
    TimeSpan interval,
    Func<PluginException, ValueTask> detach) : IAsyncDisposable
{
    /// <summary>How often to look, outside of tests.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // An idle reader may still confirm what the stopping server has left; a blocked one never will.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    static readonly TimeSpan PauseWhileRefused = TimeSpan.FromMilliseconds(250);

    static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    const int AnswerTimeoutSeconds = 10;

    readonly CancellationTokenSource _end = new();
    readonly Lock _gate = new();
    Task? _running;
    ulong _systemId;
    long? _refusedSince;
    string _status = "";

    /// <summary>A reader is connected to this server. The first call begins the watch, which outlives the reader's connection.</summary>
    public void Watch(ServerIdentity server)
    {
        lock (_gate)
        {
            Volatile.Write(ref _systemId, server.SystemId);
            if (!_end.IsCancellationRequested)
            {
                _running ??= Task.Run(RunAsync, CancellationToken.None);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? running;
        lock (_gate)
        {
            _end.Cancel();
            running = _running;
        }

        // The token source stays: the watch may still look at it. Npgsql cancels a query by asking the server, which a dead network makes long.
        await (running ?? Task.CompletedTask).WaitAsync(CloseTimeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            var pause = interval;
            try
            {
                await ConnectAndLookAsync().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Whatever it is: reading goes on, or notices by itself.
                metrics.Last = null;
                if (_end.IsCancellationRequested)
                {
                    return;
                }

                Log.MonitorInterrupted(logger, slot, e.Message);
                pause = await RefusedAsync(e).ConfigureAwait(false);
            }

            await Task.Delay(pause, time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task ConnectAndLookAsync()
    {
        var connection = await settings.OpenCatalogAsync(_end.Token).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        _refusedSince = null;
        while (true)
        {
            var reading = await SlotReading.ReadAsync(connection, slot, AnswerTimeoutSeconds, _end.Token).ConfigureAwait(false);

            // Behind one address there may be several servers.
            metrics.Last = reading?.SystemId == Volatile.Read(ref _systemId) ? reading : null;
            if (metrics.Last is { } ours)
            {
                TellStatus(ours);
                if (keeper is not null)
                {
                    await keeper.KeepAsync(connection, ours, detach, _end.Token).ConfigureAwait(false);
                }

                if (await publication.LookAsync(connection, _end.Token).ConfigureAwait(false) is { } changed)
                {
                    await detach(changed).ConfigureAwait(false);
                }
            }

            // The pause, in which a server that ends the connection is heard at once.
            await connection.WaitAsync(interval, _end.Token).ConfigureAwait(false);
        }
    }

    // A single connection that is ended, by an operator say, means nothing. A server that refuses new ones while ours still stands is stopping.
    async ValueTask<TimeSpan> RefusedAsync(Exception failure)
    {
        if (failure is not PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CannotConnectNow } error)
        {
            _refusedSince = null;
            return interval;
        }

        if (error.SqlState == PostgresErrorCodes.CannotConnectNow)
        {
            _refusedSince ??= time.GetTimestamp();
            if (time.GetElapsedTime(_refusedSince.Value) >= Grace)
            {
                await detach(new PluginException(FailureKind.Transient, "PostgreSQL is shutting down and waits for its readers; this one let go of its slot.", failure)).ConfigureAwait(false);
            }
        }

        return PauseWhileRefused;
    }

    void TellStatus(SlotReading reading)
    {
        if (reading.WalStatus == _status)
        {
            return;
        }

        _status = reading.WalStatus;
        if (_status == "unreserved")
        {
            Log.SlotUnreserved(logger, slot, new ByteSize(reading.Retained).ToString());
        }
        else if (_status == "lost")
        {
            Log.SlotLost(logger, slot);
        }
    }
}
