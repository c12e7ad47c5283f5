using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Penstock.Host.Configuration;

/// <summary>The config file as it is written; <see cref="HostConfig"/> is what becomes of it.</summary>
sealed class HostSection
{
    /// <summary>The form of the names of pipelines, sources and sinks: they are directory names and parts of event ids.</summary>
    public const string Names = "^[a-z0-9-]{1,63}$";

    [Description("The schema that editors check this file with; the host ignores it.")]
    [JsonPropertyName("$schema")]
    [Literal]
    public string? Schema { get; init; }

    [Description("Where plugins are found.")]
    public PluginsSection Plugins { get; init; } = new();

    [Description("What survives a restart.")]
    public StateSection State { get; init; } = new();

    [Description("Where the host answers about itself over HTTP; left out, it does not.")]
    public AdminSection? Admin { get; init; }

    [Description("The pipelines by name; each runs on its own.")]
    [RegularExpression(Names)]
    [MinLength(1)]
    public required IReadOnlyDictionary<string, PipelineSection> Pipelines { get; init; }
}
