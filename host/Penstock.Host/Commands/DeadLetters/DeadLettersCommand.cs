using System.CommandLine;
using Penstock.Runtime;

namespace Penstock.Host.Commands;

/// <summary><c>penstock dead-letters list|show|replay|discard</c></summary>
sealed class DeadLettersCommand(ConfigReader configs, RuntimeServices services) : ICliCommand
{
    readonly Option<string> _config = CommonOptions.Config();
    readonly Option<string?> _pipeline = StateOptions.Pipeline();
    readonly Option<string?> _sink = StateOptions.Sink();
    readonly Option<bool> _json = CommonOptions.Json();
    readonly Option<bool> _yes = StateOptions.Yes();
    readonly Option<bool> _all = new("--all") { Description = "Every open dead letter, of the pipeline and sink if one is named." };
    readonly Argument<string[]> _ids = new("ID") { Description = "Dead letters by the ids of their events.", Arity = ArgumentArity.ZeroOrMore };

    public Command Create()
    {
        var id = new Argument<string>("ID") { Description = "The id of the event." };
        var list = new Command("list", "Lists the events that a sink did not get and that nobody has replayed or discarded.") { _config, _pipeline, _sink, _json };
        list.SetAction(parsed => ConfigReader.FindStateDirectory(parsed.GetValue(_config)!) is { } state
            ? LetterList.Run(state, parsed.GetValue(_pipeline), parsed.GetValue(_sink), parsed.GetValue(_json))
            : ExitCode.Config);
        var show = new Command("show", "Shows one dead letter: the event, why it was refused, and what became of it.") { id, _config, _pipeline, _sink, _json };
        show.SetAction(parsed => ConfigReader.FindStateDirectory(parsed.GetValue(_config)!) is { } state
            ? LetterShow.Run(state, parsed.GetValue(id)!, parsed.GetValue(_pipeline), parsed.GetValue(_sink), parsed.GetValue(_json))
            : ExitCode.Config);
        return new Command("dead-letters", "Shows the events that a sink refused, delivers them again or gives them up.")
        {
            list,
            show,
            Change("replay", "Writes dead letters to their sink again, oldest first. No host may be running.", ReplayAsync),
            Change("discard", "Closes dead letters without delivering them. No host may be running.", DiscardAsync),
        };
    }

    Command Change(string name, string description, Func<ParseResult, Task<int>> action)
    {
        var command = new Command(name, description) { _ids, _all, _config, _pipeline, _sink, _yes, _json };
        command.SetAction((parsed, _) => action(parsed));
        return command;
    }

    async Task<int> ReplayAsync(ParseResult parsed)
    {
        var read = configs.Read(parsed.GetValue(_config)!);
        ConfigReader.Print(read.Problems, json: false);
        return read.Config is { } config
            ? await new LetterReplayVerb(config, services).RunAsync(ChangeOf(parsed, config.StateDirectory))
            : read.ExitCode;
    }

    Task<int> DiscardAsync(ParseResult parsed) => ConfigReader.FindStateDirectory(parsed.GetValue(_config)!) is { } state
        ? LetterDiscard.RunAsync(ChangeOf(parsed, state), services)
        : Task.FromResult(ExitCode.Config);

    LetterChange ChangeOf(ParseResult parsed, string stateDirectory)
    {
        var selection = new LetterSelection(parsed.GetValue(_pipeline), parsed.GetValue(_sink), parsed.GetValue(_ids) ?? [], parsed.GetValue(_all));
        return new LetterChange(stateDirectory, selection, parsed.GetValue(_yes), parsed.GetValue(_json));
    }
}
