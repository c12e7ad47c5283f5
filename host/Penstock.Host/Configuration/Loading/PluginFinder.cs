using Penstock.Host.Plugins;

namespace Penstock.Host.Configuration;

/// <summary>Finds the plugin that a <c>type</c> names, or reports who is installed instead.</summary>
sealed class PluginFinder(IPluginCatalog catalog)
{
    const int MostRefused = 3;

    readonly Dictionary<PluginDefinition, (PluginSchema? Schema, PluginProblem? Problem)> _schemas = [];

    public (PluginEntry Entry, PluginSchema Schema)? Find<TDefinition>(ConfigNode type, ProblemScope problems)
        where TDefinition : PluginDefinition
    {
        var entry = catalog.Find<TDefinition>(type.Text);
        if (entry is null)
        {
            problems.At(type, DescribeMissing<TDefinition>(type), ConfigProblemKind.Plugin);
            return null;
        }

        var (schema, problem) = entry.Definition is null ? (null, entry.Problem) : SchemaOf(entry);
        if (schema is null)
        {
            problems.At(type, $"plugin {Shown.Quote(entry.Name)} cannot be used: {problem}", ConfigProblemKind.Plugin);
            return null;
        }

        return (entry, schema);
    }

    (PluginSchema? Schema, PluginProblem? Problem) SchemaOf(PluginEntry entry)
    {
        if (!_schemas.TryGetValue(entry.Definition!, out var schema))
        {
            schema = PluginSchema.Read(entry);
            _schemas.Add(entry.Definition!, schema);
        }

        return schema;
    }

    string DescribeMissing<TDefinition>(ConfigNode type)
        where TDefinition : PluginDefinition
    {
        var isSource = typeof(TDefinition) == typeof(SourceDefinition);
        var kind = isSource ? "source" : "sink";
        var installed = catalog.Entries.Where(e => e.Definition is TDefinition).Select(e => e.Name)
            .Distinct().Order(StringComparer.Ordinal).ToArray();
        var other = isSource ? (PluginEntry?)catalog.Find<SinkDefinition>(type.Text) : catalog.Find<SourceDefinition>(type.Text);
        var start = other?.Definition is null
            ? $"no plugin provides {kind} {Shown.Value(type)}"
            : $"{Shown.Value(type)} is a {(isSource ? "sink" : "source")}, not a {kind}";
        var hint = type.IsHidden ? "" : Suggestion.For(type.Text, installed);
        var list = installed.Length == 0 ? $"no {kind} plugins are installed" : $"installed: {string.Join(", ", installed)}";
        var refused = string.Concat(catalog.Problems.Take(MostRefused).Select(p => $"; refused: {p}"));
        return $"{start}{(hint.Length == 0 ? ";" : hint)} {list}{refused}";
    }
}
