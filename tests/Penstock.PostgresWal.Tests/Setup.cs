using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>A source with a slot and publication of its own, over the given tables.</summary>
sealed class Setup(Database database, params string[] tables) : IAsyncDisposable
{
    int _connected;
    readonly Meter _meter = new("tests");
    readonly List<PostgresWalSource> _sources = [];
    readonly List<Reading> _readings = [];

    public Database Database { get; } = database;

    public string Slot { get; init; } = Database.Unique("slot");

    public string Publication { get; init; } = Database.Unique("publication");

    public string? ConnectionString { get; init; }

    public bool CreateSlot { get; init; } = true;

    public bool CreatePublication { get; init; } = true;

    public PositionLostPolicy OnPositionLost { get; init; } = PositionLostPolicy.Halt;

    public SnapshotMode Snapshot { get; init; } = SnapshotMode.Never;

    public int Readers { get; init; } = 1;

    public SchemaChangePolicy OnSchemaChange { get; set; } = SchemaChangePolicy.Continue;

    public IReadOnlyList<string> Messages { get; init; } = [];

    public TimeSpan? StatusInterval { get; init; }

    public TimeSpan? HeartbeatInterval { get; init; }

    public TimeSpan? MonitorInterval { get; init; }

    public TimeSpan? ReceiveTimeout { get; init; }

    public ByteSize? MaxRetainedWal { get; init; }

    public RetainedWalPolicy OnMaxRetainedWal { get; init; } = RetainedWalPolicy.Warn;

    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    public PostgresWalOptions Options => new()
    {
        ConnectionString = ConnectionString ?? Database.Server.ConnectionString,
        Slot = Slot,
        Publication = Publication,
        Tables = tables,
        CreateSlot = CreateSlot,
        CreatePublication = CreatePublication,
        OnPositionLost = OnPositionLost,
        Snapshot = Snapshot,
        OnSchemaChange = OnSchemaChange,
        Messages = Messages,
        MaxRetainedWal = MaxRetainedWal,
        OnMaxRetainedWal = OnMaxRetainedWal,
    };

    /// <summary>How often its sources said that they are connected.</summary>
    public int Connected => Volatile.Read(ref _connected);

    public PostgresWalSource NewSource()
    {
        var context = new SourceContext
        {
            Pipeline = "tests",
            Instance = "db",
            Readers = Readers,
            LoggerFactory = LoggerFactory,
            TimeProvider = TimeProvider.System,
            Meter = _meter,
            ReportConnected = () => Interlocked.Increment(ref _connected),
        };
        var source = new PostgresWalSource(Options, context, StatusInterval, MonitorInterval, ReceiveTimeout, HeartbeatInterval);
        _sources.Add(source);
        return source;
    }

    /// <summary>Starts a new source and returns once it reads from its slot, or failed to.</summary>
    public async Task<Reading> StartAsync(params Watermark[] resumeAfter)
    {
        var reading = Read(NewSource(), resumeAfter);
        var waiting = reading.WaitAsync();
        await Eventually.HoldsAsync(async () => waiting.IsCompleted || await Database.IsReadAsync(Slot), "the source reads");
        return reading;
    }

    /// <summary>Inserts an id, settles and confirms it, and ends the sources: as after a clean stop.</summary>
    public async Task<Watermark> DeliverAsync(string table, int id, params Watermark[] resumeAfter)
    {
        var reading = await StartAsync(resumeAfter);
        await Database.ExecuteAsync($"INSERT INTO {table} VALUES ({id})");
        var (_, watermark) = await reading.NextTransactionAsync();
        await reading.Source.AcknowledgeAsync([watermark], TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(async () => await Database.ConfirmedAsync(Slot) == Lsn.OfState(watermark), "the transaction is confirmed");
        await StopAllAsync();
        await Eventually.HoldsAsync(async () => !await Database.IsActiveAsync(Slot), "the slot is released");
        return watermark;
    }

    public Reading Read(PostgresWalSource source, params IReadOnlyList<Watermark> resumeAfter)
    {
        var reading = new Reading(source, resumeAfter);
        _readings.Add(reading);
        return reading;
    }

    /// <summary>What a gauge says now; with a status, of that label. Null while it says nothing.</summary>
    public long? Gauge(string name, string? status = null)
    {
        long? found = null;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter == _meter && instrument.Name == name)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (status is null || (tag.Key == "status" && (string?)tag.Value == status))
                {
                    found = value;
                }
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return found;
    }

    /// <summary>Ends the sources as a crash of the host would: nothing more is confirmed.</summary>
    public async Task StopAllAsync()
    {
        foreach (var source in _sources)
        {
            await source.DisposeAsync();
        }

        _readings.ForEach(reading => reading.Dispose());
        _readings.Clear();
        _sources.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAllAsync();
        _meter.Dispose();
        await Eventually.HoldsAsync(
            async () => await Database.ScalarAsync<long>($"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{Slot}' AND active") == 0,
            "the slot is released");
        await Database.ExecuteAsync($"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{Slot}'");
    }
}
