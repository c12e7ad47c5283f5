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
}
