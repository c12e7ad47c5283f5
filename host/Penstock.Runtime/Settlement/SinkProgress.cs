namespace Penstock.Runtime.Settlement;

/// <summary>The last watermark per partition that one sink has passed. Belongs to the committer.</summary>
sealed class SinkProgress
{
    readonly Dictionary<string, SourcePosition> _partitions = new(StringComparer.Ordinal);

    public SinkProgress(IEnumerable<SourcePosition> settled) => MoveTo(settled);

    public IReadOnlyList<SourcePosition> Settled => [.. _partitions.Values];

    public void Pass(Watermark watermark)
    {
        var position = watermark.Position;
        if (watermark.Closes)
        {
            _partitions.Remove(position.Partition);
        }
        else if (!_partitions.TryGetValue(position.Partition, out var settled) || settled.Order < position.Order)
        {
            // A replay brings watermarks again that the sink had passed before.
            _partitions[position.Partition] = position;
        }
    }

    public void MoveTo(IEnumerable<SourcePosition> settled)
    {
        foreach (var position in settled)
        {
            _partitions[position.Partition] = position;
        }
    }
}
