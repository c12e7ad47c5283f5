namespace Penstock.Runtime.Settlement;

/// <summary>
/// What one sink already has of what a source delivers again after a restart: everything up to its cursor and, where it stores positions, what
/// each lane holds beyond. Belongs to the pump.
/// </summary>
sealed class ReplayFilter
{
    readonly Dictionary<string, Partition> _partitions = new(StringComparer.Ordinal);
    readonly int _lanes;
    string? _lastName;
    Partition? _last;

    public ReplayFilter(IEnumerable<SourcePosition> settled, IReadOnlyList<IReadOnlyList<StoredPosition>> lanes)
    {
        _lanes = lanes.Count;
        foreach (var position in settled)
        {
            Of(position.Partition).Settled = position.Order;
        }

        foreach (var (lane, positions) in lanes.Index())
        {
            foreach (var stored in positions)
            {
                Of(stored.Position.Partition).Hold(lane, stored);
            }
        }
    }

    /// <summary>Whether the sink has the event, which belongs to this lane.</summary>
    public bool Has(ChangeEvent change, int lane)
    {
        var name = change.Position.Partition;
        if (!ReferenceEquals(name, _lastName))
        {
            // Events come in runs of one partition.
            _lastName = name;
            _last = _partitions.GetValueOrDefault(name);
        }

        return _last is not null && _last.Has(change, lane);
    }

    Partition Of(string name)
    {
        if (!_partitions.TryGetValue(name, out var partition))
        {
            _partitions.Add(name, partition = new Partition(_lanes));
        }

        return partition;
    }

    sealed class Partition(int lanes)
    {
        readonly UInt128[] _held = new UInt128[lanes];
        readonly Dictionary<string, UInt128>[] _bySubject = [.. Enumerable.Range(0, lanes).Select(_ => new Dictionary<string, UInt128>(StringComparer.Ordinal))];
        UInt128 _newest;

        public UInt128 Settled { get; set; }

        public void Hold(int lane, StoredPosition stored)
        {
            var order = stored.Position.Order;
            _newest = UInt128.Max(_newest, order);
            if (stored.Subject is { } subject)
            {
                _bySubject[lane][subject] = UInt128.Max(order, _bySubject[lane].GetValueOrDefault(subject));
            }
            else
            {
                _held[lane] = UInt128.Max(order, _held[lane]);
            }
        }

        public bool Has(ChangeEvent change, int lane)
        {
            var order = change.Position.Order;
            return order <= Settled
                || (order <= _newest && (order <= _held[lane] || order <= _bySubject[lane].GetValueOrDefault(change.Subject)));
        }
    }
}
