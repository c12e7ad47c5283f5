using Penstock.Runtime.Guarantees;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Guarantees;

public sealed class GuaranteeTests
{
    [Theory]
    [InlineData(nameof(Ordering.Key), 4, "ordered per key over 4 lanes (as written)")]
    [InlineData(nameof(Ordering.Key), 1, "ordered as the source delivers (as written)")]
    [InlineData(nameof(Ordering.Source), 4, "ordered as the source delivers (as written)")]
    [InlineData(nameof(Ordering.None), 4, "unordered over 4 lanes")]
    [InlineData(nameof(Ordering.None), 1, "ordered as the source delivers (as written)")]
    public void The_line_tells_the_order(string ordering, int lanes, string expected) => Assert.Equal(
        $"at-least-once, {expected}; once delivered, an event survives this host; the sink's server keeps it in memory only; can be lost: none",
        Guarantee.Describe(ScriptedSource.TraitsOf(PositionOrder.Partition), new SinkTraits { Durability = Durability.Memory }, Enum.Parse<Ordering>(ordering), lanes, sources: 1));

    [Theory]
    [InlineData(Durability.None, "is not kept by the sink")]
    [InlineData(Durability.Memory, "survives this host; the sink's server keeps it in memory only")]
    [InlineData(Durability.EverySecond, "survives this host; the sink's server writes to disk every second")]
    [InlineData(Durability.Flushed, "is flushed to disk")]
    [InlineData(Durability.Unknown, "survives this host; the sink's server does not tell whether it writes to disk")]
    public void The_line_tells_what_a_delivered_event_has_survived(Durability durability, string expected) =>
        Assert.Contains($"once delivered, an event {expected};", Guarantee.Describe(ScriptedSource.TraitsOf(PositionOrder.None), new SinkTraits { Durability = durability }, Ordering.Key, 2, sources: 1));

    [Fact]
    public void A_sink_that_keeps_no_order_and_a_source_that_loses_are_called_so()
    {
        var source = new SourceTraits
        {
            Guarantee = DeliveryGuarantee.AtMostOnce,
            CanReplay = false,
            PositionOrder = PositionOrder.None,
            Loss = "while disconnected",
            Order = "as published",
        };

        var line = Guarantee.Describe(source, new SinkTraits { Durability = Durability.Flushed, KeepsOrder = false }, Ordering.Key, 1, sources: 1);

        Assert.StartsWith("at-most-once, unordered (the sink keeps no order); ", line);
        Assert.EndsWith("; can be lost: while disconnected", line);
    }

    [Theory]
    [InlineData(PositionOrder.Partition, true, 1, false, "effectively-once")]
    [InlineData(PositionOrder.None, true, 1, false, "at-least-once")]
    [InlineData(PositionOrder.Partition, false, 1, false, "at-least-once")]
    [InlineData(PositionOrder.Partition, true, 2, false, "at-least-once")]
    [InlineData(PositionOrder.Partition, true, 1, true, "at-least-once")]
    public void The_line_says_effectively_once_where_it_holds(PositionOrder order, bool storesPositions, int sources, bool passesDeadLetters, string expected)
    {
        var sink = new SinkTraits { Durability = Durability.Flushed, StoresPositions = storesPositions };

        Assert.StartsWith($"{expected}, ordered", Guarantee.Describe(ScriptedSource.TraitsOf(order), sink, Ordering.Key, 1, sources, passesDeadLetters));
        Assert.Equal(expected == "effectively-once", EffectivelyOnce.Holds(ScriptedSource.TraitsOf(order), sink, sources, passesDeadLetters));
    }

    [Theory]
    [InlineData(DeliveryGuarantee.AtMostOnce, true)]
    [InlineData(DeliveryGuarantee.AtLeastOnce, false)]
    public void A_source_that_loses_or_cannot_replay_is_never_effectively_once(DeliveryGuarantee guarantee, bool canReplay)
    {
        var source = new SourceTraits { Guarantee = guarantee, CanReplay = canReplay, PositionOrder = PositionOrder.Partition, Loss = "some", Order = "any" };

        Assert.Single(EffectivelyOnce.Lacks(source, new SinkTraits { Durability = Durability.Flushed, StoresPositions = true }, sources: 1, passesDeadLetters: false));
    }

    [Fact]
    public async Task Every_pair_of_source_and_sink_is_printed_at_the_start()
    {
        using var rig = new Rig();
        var log = new LogBook();
        rig.Services = rig.Services with { LoggerFactory = log };
        rig.Sinks.Add(Rig.SinkTo(new SinkStore(), "other"));
        rig.Log.Complete();

        await rig.RunToEndAsync();

        var lines = log.Lines.Where(line => line.Id == 100).Select(line => line.Text).ToList();
        Assert.Equal(2, lines.Count);
        Assert.StartsWith("p: s → sink: at-least-once, ", lines[0]);
        Assert.StartsWith("p: s → other: at-least-once, ", lines[1]);
    }
}
