namespace Penstock.Host.Tests.Configuration;

/// <summary>A source at-least-once in one mode, at-most-once in the other.</summary>
sealed class StreamPlugin : SourcePlugin<StreamOptions>
{
    public override string Summary => "Reads streams.";

    public override IReadOnlyList<SourceTraits> Modes =>
    [
        new()
        {
            Mode = "consumerGroup", Guarantee = DeliveryGuarantee.AtLeastOnce, CanReplay = true, PositionOrder = PositionOrder.None,
            MaxReaders = 4, Loss = "nothing", Order = "none",
        },
        new()
        {
            Mode = "read", Guarantee = DeliveryGuarantee.AtMostOnce, CanReplay = false, PositionOrder = PositionOrder.None,
            MaxReaders = 4, Loss = "whatever is sent while disconnected", Order = "as sent",
        },
    ];

    public override SourceTraits GetTraits(StreamOptions options) => Modes[options.Mode == StreamMode.Read ? 1 : 0];

    public override void Validate(StreamOptions options, ConfigReport report)
    {
        if (options.Trim && options.Mode == StreamMode.Read)
        {
            report.Add("/trim", $"expected false in mode \"read\", found true (connection {options.Connection}, password {options.Password.Reveal()})");
        }

        if (options.Retries == 13)
        {
            throw new InvalidOperationException($"thirteen with {options.Password.Reveal()}");
        }
    }

    public override IChangeSource Create(StreamOptions options, SourceContext context) => throw new InvalidOperationException("validation creates nothing");
}
