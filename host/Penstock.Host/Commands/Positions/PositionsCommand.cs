using System.CommandLine;
using Penstock.Runtime;

namespace Penstock.Host.Commands;

/// <summary><c>penstock positions show|reset</c></summary>
sealed class PositionsCommand(ConfigReader configs, RuntimeServices services) : ICliCommand
{
    public Command Create()
    {
        var (config, pipeline, json, yes) = (CommonOptions.Config(), StateOptions.Pipeline(), CommonOptions.Json(), StateOptions.Yes());
        var live = new Option<bool>("--live") { Description = "Ask the servers what they know of each source's place, too: how far it lags, what is not acknowledged." };
        var show = new Command("show", "Shows where each source stands, and each sink of it.") { config, pipeline, json, live };
        show.SetAction((parsed, cancellationToken) => parsed.GetValue(live)
            ? new LivePositions(configs, services).ShowAsync(parsed.GetValue(config)!, parsed.GetValue(pipeline), parsed.GetValue(json), cancellationToken)
            : Task.FromResult(ConfigReader.FindStateDirectory(parsed.GetValue(config)!) is { } state
                ? PositionsShow.Run(state, parsed.GetValue(pipeline), parsed.GetValue(json), services)
                : ExitCode.Config));

        var source = new Argument<string>("PIPELINE/SOURCE") { Description = "The source, with its pipeline." };
        var to = new Option<string>("--to") { Description = "\"start\", or a position as positions show has it.", HelpName = "POSITION", Required = true };
        var reset = new Command("reset", "Moves a source to another position. No host may be running; may lose or repeat events, and says which.") { source, to, config, yes, json };
        reset.SetAction(parsed => ConfigReader.FindStateDirectory(parsed.GetValue(config)!) is { } state
            ? new PositionsReset(state, parsed.GetValue(yes), parsed.GetValue(json), services).Run(parsed.GetValue(source)!, parsed.GetValue(to)!)
            : ExitCode.Config);
        return new Command("positions", "Shows or moves the positions that sources resume after.") { show, reset };
    }
}
