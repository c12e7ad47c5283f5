using System.Text.Json.Nodes;

namespace Penstock.Host.Tests.Configuration;

/// <summary>A source with the traits that a test gives it.</summary>
sealed class LogPlugin(DeliveryGuarantee guarantee, bool canReplay, PositionOrder order) : SourcePlugin<JsonObject>
{
    public override string Summary => "Reads a log.";

    public override string? Schema => """{ "type": "object" }""";

    public override IReadOnlyList<SourceTraits> Modes =>
        [new() { Guarantee = guarantee, CanReplay = canReplay, PositionOrder = order, Loss = "what is not kept", Order = "any" }];

    public override IChangeSource Create(JsonObject options, SourceContext context) => throw new InvalidOperationException("validation creates nothing");
}
