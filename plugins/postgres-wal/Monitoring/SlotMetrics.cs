using System.Diagnostics.Metrics;

namespace Penstock.Sources.PostgresWal;

/// <summary>Shows the last reading of the slot. Without one, because the server cannot be asked, there is no figure: an old one would look like a good one.</summary>
sealed class SlotMetrics
{
    static readonly string[] Statuses = ["reserved", "extended", "unreserved", "lost"];

    readonly KeyValuePair<string, object?>[] _labels;
    volatile SlotReading? _last;

    public SlotMetrics(SourceContext context)
    {
        _labels = [new("pipeline", context.Pipeline), new("source", context.Instance)];
        var meter = context.Meter;
        meter.CreateObservableGauge(
            "penstock_source_retained_bytes", () => Measure(reading => reading.Retained), "By", "WAL that the server keeps for the slot.");
        meter.CreateObservableGauge(
            "penstock_source_lag_bytes", () => Measure(reading => reading.Lag), "By", "WAL written since what the slot has confirmed.");
        meter.CreateObservableGauge(
            "penstock_slot_safe_bytes",
            () => Measure(reading => reading.Safe),
            "By",
            "WAL that may be written before the slot can be lost; absent without max_slot_wal_keep_size.");
        meter.CreateObservableGauge(
            "penstock_slot_wal_status", MeasureStatus, null, "1 for the status that pg_replication_slots.wal_status has, 0 for the others.");
    }

    public SlotReading? Last
    {
        get => _last;
        set => _last = value;
    }

    IEnumerable<Measurement<long>> Measure(Func<SlotReading, long?> figure) =>
        _last is { } reading && figure(reading) is { } value ? [new Measurement<long>(value, _labels)] : [];

    IEnumerable<Measurement<long>> MeasureStatus() => _last is { } reading
        ? Array.ConvertAll(Statuses, status => new Measurement<long>(status == reading.WalStatus ? 1 : 0, [.. _labels, new("status", status)]))
        : [];
}
