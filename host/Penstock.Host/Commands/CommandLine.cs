using System.CommandLine;

namespace Penstock.Host.Commands;

/// <summary>The command line: the verbs under one root.</summary>
sealed class CommandLine(IEnumerable<ICliCommand> commands)
{
    // Signals are the host's business, see SignalLifetime.
    static readonly InvocationConfiguration Invocation = new() { ProcessTerminationTimeout = null };

    public Task<int> InvokeAsync(string[] args)
    {
        var root = new RootCommand("Penstock, a plugin-based change data capture host: moves changes from databases and Redis to where they are needed.");
        foreach (var command in commands.Select(command => command.Create()).OrderBy(command => command.Name, StringComparer.Ordinal))
        {
            root.Add(command);
        }

        var parsed = root.Parse(args);
        // A mistyped command line is a mistake of configuration; the parser itself would say 1.
        return parsed.Errors.Count > 0 ? PrintAsync(parsed) : parsed.InvokeAsync(Invocation);
    }

    static async Task<int> PrintAsync(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens.Count == 0)
        {
            // A verb without its sub-verb, an option without its value: the parser's own help says which there are.
            await parsed.InvokeAsync(Invocation);
            return ExitCode.Config;
        }

        var verbs = string.Join(", ", parsed.CommandResult.Command.Subcommands.Select(verb => verb.Name));
        await Console.Error.WriteLineAsync(
            $"unknown: {string.Join(' ', parsed.UnmatchedTokens)}; {(verbs.Length > 0 ? $"expected one of {verbs}" : $"see penstock {parsed.CommandResult.Command.Name} --help")}");
        return ExitCode.Config;
    }
}
