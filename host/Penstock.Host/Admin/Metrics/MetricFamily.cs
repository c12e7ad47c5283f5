using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Penstock.Host.Admin.Metrics;

/// <summary>One metric with a series for each set of labels.</summary>
sealed class MetricFamily
{
    readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);

    // Finds a series by labels as they come, without making anything; labels in another order have an entry of their own and the same series.
    readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series> _byLabels = new(new LabelComparer());
    readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _lookup;

    public MetricFamily(string name, MetricKind kind, Instrument instrument)
    {
        Name = name;
        Help = instrument.Description ?? "";
        Kind = kind;
        IsObserved = instrument.IsObservable;
        Adds = IsToldWhatToAdd(instrument);
        _lookup = _byLabels.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    /// <summary>Whether its values are asked for, not told.</summary>
    public bool IsObserved { get; }

    /// <summary>Whether its values are added up; else the last one counts.</summary>
    public bool Adds { get; }

    /// <summary>Null for an instrument that is none of the platform's.</summary>
    public static MetricKind? KindOf(Instrument instrument) => Definition(instrument) is { } definition ? Kinds.GetValueOrDefault(definition) : null;

    static readonly Dictionary<Type, MetricKind?> Kinds = new()
    {
        [typeof(Counter<>)] = MetricKind.Counter,
        [typeof(ObservableCounter<>)] = MetricKind.Counter,
        [typeof(Gauge<>)] = MetricKind.Gauge,
        [typeof(ObservableGauge<>)] = MetricKind.Gauge,
        [typeof(UpDownCounter<>)] = MetricKind.Gauge,
        [typeof(ObservableUpDownCounter<>)] = MetricKind.Gauge,
        [typeof(Histogram<>)] = MetricKind.Histogram,
    };

    /// <summary>Whether another instrument may share the name.</summary>
    public bool Takes(Instrument instrument) =>
        KindOf(instrument) == Kind && instrument.IsObservable == IsObserved && IsToldWhatToAdd(instrument) == Adds;

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (!_lookup.TryGetValue(labels, out var series))
        {
            series = _series.GetOrAdd(MetricsText.Labels(labels), Create);
            _byLabels.TryAdd(labels.ToArray(), series);
        }

        series.Record(value);
    }

    public void Clear()
    {
        _byLabels.Clear();
        _series.Clear();
    }

    public void Write(MetricsText text)
    {
        if (_series.IsEmpty)
        {
            return;
        }

        text.Family(Name, Help, Kind);
        foreach (var series in _series.Values.OrderBy(series => series.Labels, StringComparer.Ordinal))
        {
            series.Write(text, Name);
        }
    }

    Series Create(string labels) => Kind switch
    {
        MetricKind.Histogram => new HistogramSeries(labels),
        _ when Adds => new SumSeries(labels),
        _ => new ValueSeries(labels),
    };

    static bool IsToldWhatToAdd(Instrument instrument) =>
        Definition(instrument) is { } definition && (definition == typeof(Counter<>) || definition == typeof(UpDownCounter<>));

    static Type? Definition(Instrument instrument) => instrument.GetType() is { IsGenericType: true } type ? type.GetGenericTypeDefinition() : null;
}
