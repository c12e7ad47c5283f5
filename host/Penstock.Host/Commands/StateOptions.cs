using System.CommandLine;

namespace Penstock.Host.Commands;

/// <summary>The options of verbs that read or change the state directory.</summary>
static class StateOptions
{
    public static Option<string?> Pipeline() => new("--pipeline") { Description = "Only this pipeline.", HelpName = "PIPELINE" };

    public static Option<string?> Sink() => new("--sink") { Description = "Only this sink.", HelpName = "SINK" };

    public static Option<bool> Yes() => new("--yes") { Description = "Do it; without it the command only says what it would do." };
}
