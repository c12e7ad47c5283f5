namespace Penstock.Runtime.Acquisition;

/// <summary>
/// What the pump has received, per partition: where a source reads on after a failure.
/// </summary>
sealed class ReceivedPositions
{
    readonly Dictionary<string, Partition> _partitions = new(StringComparer.Ordinal);
    Partition? _last;

    /// <summary>Where reading begins, before anything is received.</summary>
    public void StartAfter(IReadOnlyList<Watermark> watermarks)
    {
        foreach (var watermark in watermarks)
        {
            Reached(watermark);
        }
    }

    public void Reached(SourcePosition position)
    {
        // Events come in runs of one partition.
        if (_last is null || !ReferenceEquals(_last.Name, position.Partition))
        {
            _last = Of(position.Partition);
        }

        _last.Order = position.Order;
    }

    public void Reached(Watermark watermark)
    {
        if (watermark.Closes)
        {
            _partitions.Remove(watermark.Position.Partition);
            _last = null;
            return;
        }

        var partition = Of(watermark.Position.Partition);
        partition.Order = watermark.Position.Order;
        partition.State = watermark.State;
    }

    public IReadOnlyList<Watermark> Snapshot() =>
        [.. _partitions.Values.Select(partition => new Watermark(new SourcePosition(partition.Name, partition.Order)) { State = partition.State })];

    Partition Of(string name)
    {
        if (!_partitions.TryGetValue(name, out var partition))
        {
            _partitions.Add(name, partition = new Partition(name));
        }

        return partition;
    }

    sealed class Partition(string name)
    {
        public string Name { get; } = name;

        public UInt128 Order { get; set; }

        public ReadOnlyMemory<byte> State { get; set; }
    }
}
