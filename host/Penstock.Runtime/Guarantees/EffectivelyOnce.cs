namespace Penstock.Runtime.Guarantees;

/// <summary>
/// Whether a source and a sink make a pair whose result a crash of the host cannot change: what the sink holds is what an uninterrupted run
/// would have written, each event once and in order.
/// </summary>
static class EffectivelyOnce
{
    /// <summary>What the pair lacks, each with the remedy; nothing when it is effectively-once.</summary>
    /// <param name="source">What the source promises.</param>
    /// <param name="sink">What the sink promises with its options.</param>
    /// <param name="sources">How many sources the pipeline has.</param>
    /// <param name="passesDeadLetters">Whether later events of a key are delivered past a dead letter of that key.</param>
    public static IReadOnlyList<string> Lacks(SourceTraits source, SinkTraits sink, int sources, bool passesDeadLetters)
    {
        var lacks = new List<string>();
        if (source.Guarantee != DeliveryGuarantee.AtLeastOnce || !source.CanReplay)
        {
            lacks.Add($"the source cannot send again what a crash interrupted ({source.Loss}): use a source that replays");
        }
        else if (source.PositionOrder != PositionOrder.Partition)
        {
            // Without an order no position says what lies before it.
            lacks.Add($"the source's positions have no order ({source.Order}), so nothing can be skipped by them: use an ordered source such as postgres-wal");
        }

        if (!sink.StoresPositions)
        {
            lacks.Add("the sink, with these options, does not store positions with its data: use one that does, such as file without {key} in its path");
        }
        else if (sources != 1)
        {
            // The last thing stored tells the position of the one source it came from.
            lacks.Add($"the pipeline has {sources} sources, and what a sink stores last tells the position of one: give each source a pipeline and a sink of its own");
        }

        if (passesDeadLetters)
        {
            lacks.Add("later events of a key are delivered past its dead letter, which a replay then brings out of order: set \"sameKey\" to \"park\"");
        }

        return lacks;
    }

    /// <inheritdoc cref="Lacks"/>
    public static bool Holds(SourceTraits source, SinkTraits sink, int sources, bool passesDeadLetters) =>
        Lacks(source, sink, sources, passesDeadLetters).Count == 0;
}
