using System.CommandLine;
using Penstock.Host.Configuration;
using Penstock.Host.Plugins;
using Penstock.Runtime.Guarantees;

namespace Penstock.Host.Commands;

/// <summary><c>penstock plugins list|show NAME</c>: what is installed and what it promises, without making an instance.</summary>
sealed class PluginsCommand(ConfigReader configs) : ICliCommand
{
    public Command Create() => new("plugins", "Shows the installed plugins.") { CreateList(), CreateShow() };

    Command CreateList()
    {
        var (config, plugins, json) = (CommonOptions.ConfigIfAny(), CommonOptions.Plugins(), CommonOptions.Json());
        var command = new Command("list", "Lists the installed plugins with their guarantees; broken ones with the remedy.") { config, plugins, json };
        command.SetAction(parsed =>
        {
            return configs.OpenCatalog(parsed.GetValue(config), parsed.GetValue(plugins)!) is { } catalog
                ? PrintAll(catalog, parsed.GetValue(json))
                : ExitCode.Config;
        });
        return command;
    }

    Command CreateShow()
    {
        var (config, plugins, json) = (CommonOptions.ConfigIfAny(), CommonOptions.Plugins(), CommonOptions.Json());
        var name = new Argument<string>("NAME") { Description = "The plugin's name, as a config's \"type\" has it." };
        var command = new Command("show", "Shows what one plugin promises in each of its modes, and its options.") { name, config, plugins, json };
        command.SetAction(parsed =>
        {
            return configs.OpenCatalog(parsed.GetValue(config), parsed.GetValue(plugins)!) is { } catalog
                ? Show(catalog, parsed.GetValue(name)!, parsed.GetValue(json))
                : ExitCode.Config;
        });
        return command;
    }

    static int PrintAll(IPluginCatalog catalog, bool json)
    {
        Print(catalog.Entries, catalog.Problems, json, full: false);
        foreach (var problem in json ? [] : catalog.Problems)
        {
            Console.Error.WriteLine(problem);
        }

        return catalog.Problems.Count > 0 ? ExitCode.Plugin : ExitCodeOf(catalog.Entries);
    }

    static int Show(IPluginCatalog catalog, string name, bool json)
    {
        var found = catalog.Entries.Where(entry => entry.Name == name).ToList();
        if (found.Count == 0)
        {
            Console.Error.WriteLine($"no plugin is called \"{name}\"; installed: {string.Join(", ", catalog.Entries.Select(entry => entry.Name).Distinct())}");
            return ExitCode.Plugin;
        }

        Print(found, [], json, full: true);
        return ExitCodeOf(found);
    }

    static int ExitCodeOf(IReadOnlyList<PluginEntry> entries) => entries.Any(entry => entry.Problem is not null) ? ExitCode.Plugin : ExitCode.Done;

    static void Print(IReadOnlyList<PluginEntry> entries, IReadOnlyList<PluginProblem> others, bool json, bool full)
    {
        if (json)
        {
            JsonAnswer.Write(writer => PluginJson.Write(writer, entries, others));
            return;
        }

        foreach (var entry in entries)
        {
            PrintEntry(entry, full);
        }
    }

    static void PrintEntry(PluginEntry entry, bool full)
    {
        if (entry.Problem is { } problem)
        {
            Console.WriteLine($"{"broken",-7} {entry.Name,-16} {entry.Version,-16} {problem}");
            return;
        }

        if (entry.Definition is SourceDefinition source)
        {
            foreach (var mode in source.Modes)
            {
                var name = mode.Mode.Length == 0 ? entry.Name : $"{entry.Name} ({mode.Mode})";
                Console.WriteLine(
                    $"{"source",-7} {name,-24} {entry.Version,-16} {Guarantee.Name(mode.Guarantee)}, {(mode.CanReplay ? "replay" : "no replay")}, {mode.Order}");
                if (full)
                {
                    Console.WriteLine($"        loss: {mode.Loss}");
                }
            }
        }
        else if (entry.Definition is SinkDefinition sink)
        {
            var lanes = sink.Traits.MaxLanes == int.MaxValue ? "any number of lanes" : $"at most {sink.Traits.MaxLanes} lane(s)";
            Console.WriteLine($"{"sink",-7} {entry.Name,-24} {entry.Version,-16} {lanes}");
        }

        if (full)
        {
            Console.WriteLine($"        {entry.Definition!.Summary}");
            Console.WriteLine($"        {entry.File}");
            PrintOptions(entry);
        }
    }

    static void PrintOptions(PluginEntry entry)
    {
        var (schema, problem) = PluginSchema.Read(entry);
        if (schema is null)
        {
            Console.WriteLine($"        options: {problem}");
            return;
        }

        foreach (var option in OptionText.Of(schema.Json))
        {
            Console.WriteLine($"          {option}");
        }
    }
}
