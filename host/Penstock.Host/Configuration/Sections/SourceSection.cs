using System.ComponentModel;
using System.Text.Json.Nodes;

namespace Penstock.Host.Configuration;

sealed class SourceSection
{
    [Description("The source plugin.")]
    [Literal]
    public required string Type { get; init; }

    [Description("The plugin's own options.")]
    public JsonObject Config { get; init; } = [];

    [Description("How much may be read and not yet settled in every sink; whichever bound is reached first stops the reading.")]
    public InFlightConfig InFlight { get; init; } = new();
}
