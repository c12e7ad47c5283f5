namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>Looks at every event: the keys of a lane come in the order they were made, and nothing comes twice.</summary>
/// <param name="last">For each key the number of its last event; shared by the lanes of a sink, each key belongs to one of them.</param>
sealed class CheckingSink(long[] last) : NoOpSink
{
    public override ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        foreach (var change in batch)
        {
            var key = EventFactory.KeyOf(change);
            var number = EventFactory.NumberOf(change.Position);
            if (number <= last[key])
            {
                throw new PluginException(FailureKind.Permanent, $"Key {key}: expected events after {last[key]}, found {number}.");
            }

            last[key] = number;
        }

        return base.WriteAsync(batch, cancellationToken);
    }
}
