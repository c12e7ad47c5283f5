using System.Globalization;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Guarantees;

/// <summary>What a pair of source and sink promises together, in one line for the operator.</summary>
static class Guarantee
{
    public static string Name(DeliveryGuarantee guarantee) => guarantee switch
    {
        DeliveryGuarantee.AtMostOnce => "at-most-once",
        DeliveryGuarantee.AtLeastOnce => "at-least-once",
        _ => throw new ArgumentOutOfRangeException(nameof(guarantee), guarantee, null),
    };

    /// <param name="source">What the source promises.</param>
    /// <param name="sink">What the sink promises, now that it is open.</param>
    /// <param name="ordering">What order the lanes keep.</param>
    /// <param name="lanes">How many there are.</param>
    /// <param name="sources">How many sources the pipeline has.</param>
    /// <param name="passesDeadLetters">Whether later events of a key are delivered past a dead letter of that key.</param>
    public static string Describe(SourceTraits source, SinkTraits sink, Ordering ordering, int lanes, int sources, bool passesDeadLetters = false) =>
        $"{(EffectivelyOnce.Holds(source, sink, sources, passesDeadLetters) ? "effectively-once" : Name(source.Guarantee))}, {Order(source, sink, ordering, lanes)}; once delivered, an event {Survives(sink.Durability)}; can be lost: {source.Loss}";

    static string Order(SourceTraits source, SinkTraits sink, Ordering ordering, int lanes)
    {
        if (!sink.KeepsOrder)
        {
            return "unordered (the sink keeps no order)";
        }

        var across = lanes == 1 ? "on one lane" : string.Create(CultureInfo.InvariantCulture, $"over {lanes} lanes");
        return (lanes == 1 ? Ordering.Source : ordering) switch
        {
            Ordering.Source => $"ordered as the source delivers ({source.Order})",
            Ordering.Key => $"ordered per key {across} ({source.Order})",
            _ => $"unordered {across}",
        };
    }

    static string Survives(Durability durability) => durability switch
    {
        Durability.None => "is not kept by the sink",
        Durability.Memory => "survives this host; the sink's server keeps it in memory only",
        Durability.EverySecond => "survives this host; the sink's server writes to disk every second",
        Durability.Flushed => "is flushed to disk",
        _ => "survives this host; the sink's server does not tell whether it writes to disk",
    };
}
