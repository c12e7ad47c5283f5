using System.CommandLine;

namespace Penstock.Host.Commands;

/// <summary>The options that verbs share.</summary>
static class CommonOptions
{
    public static Option<string> Config() => new("--config", "-c")
    {
        Description = "The config file.",
        HelpName = "FILE",
        DefaultValueFactory = _ => "penstock.json",
    };

    public static Option<bool> Json() => new("--json") { Description = "Answer as JSON on standard output." };

    public static Option<string[]> Plugins() => new("--plugins", "-p")
    {
        Description = "A further directory to search for plugins.",
        HelpName = "DIRECTORY",
        DefaultValueFactory = _ => [],
    };
}
