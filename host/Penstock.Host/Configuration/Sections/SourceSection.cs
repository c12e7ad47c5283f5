using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;

namespace Penstock.Host.Configuration;

sealed class SourceSection
{
    [Description("The source plugin.")]
    [Literal]
    public required string Type { get; init; }

    [Description("The plugin's own options.")]
    public JsonObject Config { get; init; } = [];

    [Description("Parallel readers of the source, each with its own connections; how they share the work is in the plugin's documentation.")]
    [Range(1, 64)]
    public int Readers { get; init; } = 1;

    [Description("How much may be read and not yet settled in every sink; whichever bound is reached first stops the reading.")]
    public InFlightConfig InFlight { get; init; } = new();
}
