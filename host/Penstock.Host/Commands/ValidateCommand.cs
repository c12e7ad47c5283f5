using System.CommandLine;

namespace Penstock.Host.Commands;

/// <summary><c>penstock validate</c>: everything that is wrong with a config, without opening a connection.</summary>
sealed class ValidateCommand(ConfigReader configs) : ICliCommand
{
    public Command Create()
    {
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("validate", "Checks a config and the plugins it names, without connecting to anything.") { config, json };
        command.SetAction(parsed => Run(parsed.GetValue(config)!, parsed.GetValue(json)));
        return command;
    }

    int Run(string file, bool json)
    {
        var result = configs.Read(file);
        ConfigReader.Print(result.Problems, json);
        if (!json && result.Problems.Count == 0)
        {
            Console.WriteLine($"{file}: no problems in {result.Config!.Pipelines.Count} pipeline(s)");
        }

        return result.ExitCode;
    }
}
