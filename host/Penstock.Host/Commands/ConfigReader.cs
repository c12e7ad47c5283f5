using System.Text.Json;
using Microsoft.Extensions.Logging;
using Penstock.Host.Configuration;
using Penstock.Host.Plugins;

namespace Penstock.Host.Commands;

/// <summary>Reads configs for the verbs, with the plugins they name and those that came with the host.</summary>
sealed class ConfigReader(ILogger<PluginCatalog> log)
{
    /// <summary>Reads the whole config; everything that is wrong with it is in the result.</summary>
    public ConfigResult Read(string file)
    {
        var result = new ConfigLoader(directories => Open(directories)).Load(file);
        if (result.Config is { } config)
        {
            // Relative paths in a plugin's config start at the config file, as the host's own do.
            Directory.SetCurrentDirectory(config.Directory);
        }

        return result;
    }

    /// <summary>Writes the problems where the verb's answers go.</summary>
    public static void Print(IReadOnlyList<ConfigProblem> problems, bool json)
    {
        if (json)
        {
            using var output = Console.OpenStandardOutput();
            ProblemWriter.WriteJson(problems, output);
            output.WriteByte((byte)'\n');
        }
        else
        {
            ProblemWriter.WriteText(problems, Console.Error);
        }
    }

    /// <summary>
    /// The plugins a config can use; those that came with the host when none was named and none is there. Null, and the reason on standard
    /// error, when the config does not say which those are.
    /// </summary>
    public IPluginCatalog? OpenCatalog(string? configFile, IReadOnlyList<string> further)
    {
        var problems = new List<ConfigProblem>();
        var configured = configFile is null && !File.Exists(CommonOptions.DefaultConfig) ? [] : PluginDirectories(configFile ?? CommonOptions.DefaultConfig, problems);
        if (problems.Count > 0)
        {
            Print(problems, json: false);
            return null;
        }

        return Open([.. configured, .. further.Select(Path.GetFullPath)]);
    }

    static List<string> PluginDirectories(string file, List<ConfigProblem> problems)
    {
        if (Parse(file, problems) is not { } root)
        {
            return [];
        }

        var scope = new ProblemScope(file, problems);
        OptionsBinder.Validate(HostSchema.Engine, root, scope);
        // What else is wrong is the business of `penstock validate`.
        problems.RemoveAll(problem => root.Kind == JsonValueKind.Object && !JsonPointer.IsWithin(problem.Pointer, "/plugins"));
        return ConfigLoader.PluginDirectories(root, Path.GetDirectoryName(Path.GetFullPath(file))!, scope);
    }

    /// <summary>
    /// Where a config keeps its state; null, and the reason on standard error, when it does not say so. Looks at nothing else,
    /// so that state can be read where the secrets are not at hand.
    /// </summary>
    public static string? FindStateDirectory(string file)
    {
        var problems = new List<ConfigProblem>();
        if (Parse(file, problems) is not { } root)
        {
            Print(problems, json: false);
            return null;
        }

        var state = ConfigLoader.StateDirectory(root, Path.GetDirectoryName(Path.GetFullPath(file))!);
        if (state is null)
        {
            Console.Error.WriteLine($"{file}: state.directory cannot be used; run `penstock validate -c {file}`");
        }

        return state;
    }

    static ConfigNode? Parse(string file, List<ConfigProblem> problems)
    {
        var scope = new ProblemScope(file, problems);
        return ConfigFile.Read(file, scope) is { } text ? ConfigDocument.Parse(text, scope) : null;
    }

    PluginCatalog Open(IReadOnlyList<string> directories) => PluginCatalog.Open([.. OwnDirectories(), .. directories], log);

    // plugins/ in the host's own folder, or beside it as in artifacts/dist.
    static IEnumerable<string> OwnDirectories()
    {
        var home = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        string[] places = [Path.Combine(home, "plugins"), Path.Combine(Path.GetDirectoryName(home) ?? home, "plugins")];
        return places.Where(Directory.Exists).Take(1);
    }
}
