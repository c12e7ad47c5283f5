using Microsoft.Extensions.Logging;
using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>Keeps the slot to <c>maxRetainedWal</c>: warns, and drops it where the config says that the database's disk matters more.</summary>
sealed class RetainedWalKeeper(PostgresWalOptions options, ByteSize limit, TimeProvider time, ILogger logger)
{
    // Measured again by the statement that drops: by then the reader may have caught up, or another host may read the slot (which fails it).
    const string Drop = """
        SELECT pg_catalog.pg_drop_replication_slot(s.slot_name)
        FROM pg_catalog.pg_replication_slots s
        WHERE s.slot_name = $1 AND s.plugin = 'pgoutput' AND s.database = current_database() AND NOT s.active
          AND NOT pg_is_in_recovery() AND pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn) > $2
        """;

    const string IsFree = "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = $1 AND active)";

    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    // A reader that is told to let go does so within a status interval, and its walsender soon after.
    const int LooksForFreedom = 150;

    readonly RetainedWalLimit _limit = new(limit.Bytes);
    volatile TaskCompletionSource? _deciding;

    /// <summary>What was given up; null while the slot is there.</summary>
    public DroppedSlot? Dropped { get; private set; }

    /// <summary>Waits until it is decided whether a slot that is to be dropped was dropped, so that nobody takes it again in between.</summary>
    public Task DecidedAsync(CancellationToken cancellationToken) => _deciding?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask KeepAsync(
        NpgsqlConnection connection, SlotReading reading, Func<PluginException, ValueTask> detach, CancellationToken cancellationToken)
    {
        var retained = Rounded(reading.Retained);
        switch (_limit.Look(reading.Retained))
        {
            case LimitCrossing.Near:
                Log.RetainedWalNear(logger, options.Slot, retained, limit.ToString());
                break;
            case LimitCrossing.Beyond:
                Log.RetainedWalBeyond(logger, options.Slot, retained, limit.ToString(), options.OnMaxRetainedWal == RetainedWalPolicy.DropSlot ? "the slot is dropped if it stays" : "nothing is done about it");
                break;
        }

        if (options.OnMaxRetainedWal == RetainedWalPolicy.DropSlot && _limit.IsLastingly && Dropped is null && !reading.IsStandby)
        {
            _limit.Restart();
            _deciding = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                await detach(new PluginException(FailureKind.Transient, $"Slot \"{options.Slot}\" keeps {retained}, more than \"maxRetainedWal\" ({limit}).")).ConfigureAwait(false);
                await FreeAsync(connection, cancellationToken).ConfigureAwait(false);
                await DropAsync(connection, reading, retained, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _deciding.SetResult();
                _deciding = null;
            }
        }
    }

    async ValueTask FreeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(IsFree, connection) { Parameters = { new() { Value = options.Slot } } };
        await using var _ = command.ConfigureAwait(false);
        for (var i = 0; i < LooksForFreedom && !(bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!; i++)
        {
            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    async ValueTask DropAsync(NpgsqlConnection connection, SlotReading reading, string retained, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Drop, connection)
        {
            Parameters = { new() { Value = options.Slot }, new() { Value = (decimal)limit.Bytes } },
        };
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            Dropped = new DroppedSlot(reading.ConfirmedLsn, retained);
            Log.SlotDropped(logger, options.Slot, retained, limit.ToString(), Lsn.Format(reading.ConfirmedLsn));
        }
        else
        {
            Log.SlotNotDropped(logger, options.Slot);
        }
    }

    // For people: whole MiB say enough.
    static string Rounded(long bytes) => new ByteSize(bytes >= 1 << 20 ? bytes >> 20 << 20 : bytes).ToString();
}
