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
        Guarantee.Describe(ScriptedSource.TraitsOf(PositionOrder.Partition), new SinkTraits { Durability = Durability.Memory }, Enum.Parse<Ordering>(ordering), lanes));

    [Theory]
    [InlineData(Durability.None, "is not kept by the sink")]
    [InlineData(Durability.Memory, "survives this host; the sink's server keeps it in memory only")]
    [InlineData(Durability.EverySecond, "survives this host; the sink's server writes to disk every second")]
    [InlineData(Durability.Flushed, "is flushed to disk")]
    [InlineData(Durability.Unknown, "survives this host; the sink's server does not tell whether it writes to disk")]
    public void The_line_tells_what_a_delivered_event_has_survived(Durability durability, string expected) =>
        Assert.Contains($"once delivered, an event {expected};", Guarantee.Describe(ScriptedSource.TraitsOf(PositionOrder.None), new SinkTraits { Durability = durability }, Ordering.Key, 2));

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

        var line = Guarantee.Describe(source, new SinkTraits { Durability = Durability.Flushed, KeepsOrder = false }, Ordering.Key, 1);

        Assert.StartsWith("at-most-once, unordered (the sink keeps no order); ", line);
        Assert.EndsWith("; can be lost: while disconnected", line);
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
