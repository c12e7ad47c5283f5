using System.CommandLine;

namespace Penstock.Host.Commands;

/// <summary>The options that verbs share.</summary>
static class CommonOptions
{
    public const string DefaultConfig = "penstock.json";

    public static Option<string> Config() => new("--config", "-c")
    {
        Description = "The config file.",
        HelpName = "FILE",
        DefaultValueFactory = _ => DefaultConfig,
    };

    /// <summary>For verbs that also work without a config.</summary>
    public static Option<string?> ConfigIfAny() => new("--config", "-c")
    {
        Description = $"The config file whose plugin directories are searched, too; {DefaultConfig} when there is one.",
        HelpName = "FILE",
    };

    public static Option<bool> Json() => new("--json") { Description = "Answer as JSON on standard output." };

    public static Option<string[]> Plugins() => new("--plugins", "-p")
    {
        Description = "A further directory to search for plugins.",
        HelpName = "DIRECTORY",
        DefaultValueFactory = _ => [],
    };
}
