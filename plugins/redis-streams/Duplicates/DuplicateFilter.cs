using System.Diagnostics.Metrics;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Leaves out entries whose id was emitted before. Only while the process lives, so that nothing is left out for an entry that died with it. With one reader, what
/// was emitted is settled before its duplicate is acknowledged, since the watermark behind the duplicate comes later. Shared by the readers of a source: between two of them, the duplicate may be
/// acknowledged first, while the other's entry stays pending, and comes again, until it is settled.
/// </summary>
sealed class DuplicateFilter
{
    readonly KeyPath? _field;
    readonly IdWindow _window;
    readonly Counter<long> _hits;
    readonly Counter<long> _evictions;
    readonly KeyValuePair<string, object?>[] _labels;

    public DuplicateFilter(DedupeOptions options, SourceContext context)
    {
        _field = options.Field is null ? null : new KeyPath(options.Field);
        _window = new IdWindow(options.Window);
        _labels = [new("pipeline", context.Pipeline), new("source", context.Instance)];
        _hits = context.Meter.CreateCounter<long>("penstock_source_duplicates_total", "{entry}", "Entries left out, because their id is in the window.");
        _evictions = context.Meter.CreateCounter<long>(
            "penstock_source_dedupe_evictions_total", "{id}", "Ids that were forgotten to make room; a duplicate of one of them passes.");
        _hits.Add(0, _labels);
        _evictions.Add(0, _labels);
    }

    /// <param name="fields">The entry's names and values in turn.</param>
    public bool IsDuplicate(ReadOnlySpan<RespValue> fields)
    {
        // The sink writes the event's id first. A field of that name in another entry is somebody's own.
        var id = _field is null ? EntryMapper.IsWritten(fields) ? fields[1].Bytes : default : _field.Find(fields);
        if (id.IsEmpty)
        {
            return false;
        }

        bool isNew, hasEvicted;
        lock (_window)
        {
            var evicted = _window.Evicted;
            isNew = _window.Add(id.Span);
            hasEvicted = _window.Evicted > evicted;
        }

        if (hasEvicted)
        {
            _evictions.Add(1, _labels);
        }

        if (!isNew)
        {
            _hits.Add(1, _labels);
        }

        return !isNew;
    }
}
