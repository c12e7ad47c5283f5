using System.Text.Json;

namespace Penstock.Host.Configuration;

/// <summary>Reads <c>type</c> and <c>config</c> of one source or sink: finds the plugin and binds its options.</summary>
sealed class PluginSectionReader(PluginFinder finder, Interpolator interpolator)
{
    /// <summary>Null, and at least one problem, when the plugin or its options are not usable.</summary>
    public BoundPlugin<TDefinition>? Read<TDefinition>(ConfigNode section, ProblemScope problems)
        where TDefinition : PluginDefinition
    {
        var type = section.Find("type");
        var found = type?.Kind == JsonValueKind.String && !problems.IsMarked(type) ? finder.Find<TDefinition>(type, problems) : null;
        var config = section.Find("config")
            ?? new ConfigNode(0, JsonValueKind.Object, JsonPointer.Append(section.Pointer, "config"), (section.Line, section.Column));
        found?.Schema.Annotate(config);
        if (found is not { } plugin)
        {
            // Without a schema the references can be checked all the same.
            Interpolate(config, problems);
            return null;
        }

        var own = problems.Of($"{plugin.Entry.Name} {plugin.Entry.Version}");
        Interpolate(config, own);
        if (config.Kind != JsonValueKind.Object)
        {
            return null;
        }

        OptionsBinder.Validate(plugin.Schema.Engine, config, own);
        var definition = (TDefinition)plugin.Entry.Definition!;
        return own.IsMarked(config) || Bind(definition, config, own) is not { } options ? null : new BoundPlugin<TDefinition>(definition, options);
    }

    void Interpolate(ConfigNode config, ProblemScope problems)
    {
        foreach (var node in config.Descend())
        {
            interpolator.Apply(node, problems);
        }
    }

    static object? Bind(PluginDefinition definition, ConfigNode config, ProblemScope problems)
    {
        var report = new ConfigReport();
        try
        {
            if (OptionsBinder.Bind(definition.OptionsType, config, problems) is not { } options)
            {
                return null;
            }

            definition.ValidateOptions(options, report);
            foreach (var (pointer, message) in report.Problems)
            {
                var node = config.Nearest(pointer);
                problems.Add(node.Line, node.Column, config.Pointer + pointer, WithoutHidden(message, config));
            }

            return report.Problems.Count == 0 ? options : null;
        }
        catch (Exception error)
        {
            // Plugin code: its options class and its Validate.
            var cause = error.InnerException ?? error;
            problems.At(
                config,
                $"the plugin threw {cause.GetType().Name} while it checked its config: {WithoutHidden(cause.Message, config)}; correct the plugin",
                ConfigProblemKind.Plugin);
            return null;
        }
    }

    // A plugin may quote a value without knowing where it came from.
    static string WithoutHidden(string message, ConfigNode config) => config.Descend()
        .Where(n => n.IsHidden && n.Text.Length > 0).Select(n => n.Text).OrderByDescending(t => t.Length)
        .Aggregate(message, (text, hidden) => text.Replace(hidden, "***", StringComparison.Ordinal));
}
