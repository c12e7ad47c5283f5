using System.Text.Json;
using Penstock.Host.Plugins;

namespace Penstock.Host.Configuration;

/// <summary>
/// Reads a config file, finds everything that is wrong with it in one run, and connects to nothing.
/// </summary>
/// <param name="openCatalog">Finds the plugins in the configured directories, given as absolute paths.</param>
/// <param name="environment">Looks up an environment variable.</param>
sealed class ConfigLoader(Func<IReadOnlyList<string>, IPluginCatalog> openCatalog, Func<string, string?> environment)
{
    public ConfigLoader(Func<IReadOnlyList<string>, IPluginCatalog> openCatalog)
        : this(openCatalog, Environment.GetEnvironmentVariable)
    {
    }

    /// <summary>Reads the file; problems name it as given here.</summary>
    public ConfigResult Load(string path)
    {
        var problems = new List<ConfigProblem>();
        var scope = new ProblemScope(path, problems);
        HostConfig? config = null;
        if (ConfigFile.Read(path, scope) is { } text && ConfigDocument.Parse(text, scope) is { } root)
        {
            config = Read(root, Path.GetFullPath(path), scope, problems);
        }

        return new ConfigResult([.. problems.OrderBy(p => p.Line).ThenBy(p => p.Column)], config);
    }

    HostConfig? Read(ConfigNode root, string file, ProblemScope scope, List<ConfigProblem> problems)
    {
        var directory = Path.GetDirectoryName(file)!;
        var interpolator = new Interpolator(new ReferenceResolver(environment, directory));
        SchemaAnnotator.Annotate(HostSchema.Json, root);
        var configs = PluginConfigs(root).ToHashSet();
        foreach (var node in root.Descend(except: configs))
        {
            interpolator.Apply(node, scope);
        }

        OptionsBinder.Validate(HostSchema.Engine, root, scope);
        AdminReader.Check(root, scope);

        var directories = PluginDirectories(root, directory, scope);
        var plugins = new PluginSectionReader(new PluginFinder(openCatalog(directories)), interpolator);
        var pipelines = new Dictionary<string, PipelineReader>();
        foreach (var pipeline in root.MembersOf("pipelines").Where(p => p.Kind == JsonValueKind.Object))
        {
            var reader = new PipelineReader(plugins, scope);
            reader.Read(pipeline);
            pipelines.Add(pipeline.Name!, reader);
        }

        if (problems.Exists(p => p.Kind == ConfigProblemKind.Config) || OptionsBinder.Bind(typeof(HostSection), root, scope) is not HostSection host)
        {
            return null;
        }

        var broken = problems.Select(p => p.Pipeline).ToHashSet();
        return HostConfigFactory.Create(file, host, pipelines.Where(p => !broken.Contains(p.Key)).ToDictionary());
    }

    // A plugin's config waits for its schema, which tells secrets from other values.
    static IEnumerable<ConfigNode?> PluginConfigs(ConfigNode root) =>
        from pipeline in root.MembersOf("pipelines")
        from section in pipeline.MembersOf("sources").Concat(pipeline.MembersOf("sinks"))
        select section.Find("config");

    /// <summary>
    /// Where the config keeps its state; null when it says so in a way that cannot be used. Looks at nothing else, so it works where the
    /// config's secrets are not at hand.
    /// </summary>
    public static string? StateDirectory(ConfigNode root, string directory)
    {
        if (root.Find("state")?.Find("directory") is not { } node)
        {
            return Path.GetFullPath(new StateSection().Directory, directory);
        }

        var problems = new List<ConfigProblem>();
        new Interpolator(new ReferenceResolver(Environment.GetEnvironmentVariable, directory)).Apply(node, new ProblemScope("", problems));
        return problems.Count == 0 && node is { Kind: JsonValueKind.String, Text.Length: > 0 } ? Path.GetFullPath(node.Text, directory) : null;
    }

    /// <summary>The configured plugin directories that exist; the others are problems.</summary>
    public static List<string> PluginDirectories(ConfigNode root, string directory, ProblemScope scope)
    {
        var found = new List<string>();
        foreach (var node in root.Find("plugins")?.Find("directories")?.Children ?? [])
        {
            if (node.Kind != JsonValueKind.String || scope.IsMarked(node))
            {
                continue;
            }

            var path = Path.GetFullPath(node.Text, directory);
            if (Directory.Exists(path))
            {
                found.Add(path);
            }
            else
            {
                scope.At(node, $"directory {Shown.Quote(path)} does not exist");
            }
        }

        return found;
    }
}
