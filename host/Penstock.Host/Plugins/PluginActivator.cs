using System.Reflection;

namespace Penstock.Host.Plugins;

/// <summary>Loads one plugin assembly and makes the definitions it declares. No other type of it is touched.</summary>
sealed class PluginActivator(PluginCandidate plugin, SharedAssemblies shared)
{
    const string AskAuthor = "ask the plugin's author, or take another version of it";
    const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    PluginLoadContext? _context;

    public PluginEntry Activate(PluginEntry entry, string typeName)
    {
        try
        {
            _context ??= new PluginLoadContext(plugin, shared);
            return _context.FindMissing() is { } missing
                ? Refuse(entry, $"it needs {missing.Name} {missing.Version}, which is not in its folder", "put the plugin's whole publish output there")
                : Create(entry, typeName, _context);
        }
        // Whatever a plugin throws is its own failure, never the host's.
        catch (Exception exception)
        {
            var cause = Unwrap(exception);
            return Refuse(entry, $"it cannot be loaded: {cause.GetType().Name}: {cause.Message}", AskAuthor);
        }
    }

    PluginEntry Create(PluginEntry entry, string typeName, PluginLoadContext context)
    {
        // What the plugin looks up by name alone must be found among its own assemblies.
        using var scope = context.EnterContextualReflection();
        var type = context.LoadPlugin().GetType(typeName);
        if (type is null)
        {
            return Refuse(entry, $"its [assembly: Plugin] names the type {typeName}, which it does not contain", AskAuthor);
        }

        if (type.IsAbstract || !type.IsAssignableTo(typeof(PluginDefinition)) || type.GetConstructor(Any, []) is not { } constructor)
        {
            return Refuse(
                entry,
                $"expected {typeName} to be a class with a parameterless constructor that derives from SourcePlugin or SinkPlugin, found another",
                AskAuthor);
        }

        try
        {
            var definition = (PluginDefinition)constructor.Invoke(null);
            Describe(definition);
            return entry with { Definition = definition, Kind = definition is SourceDefinition ? PluginKind.Source : PluginKind.Sink };
        }
        catch (TargetInvocationException exception)
        {
            var cause = Unwrap(exception);
            return Refuse(entry, $"the constructor of {typeName} threw {cause.GetType().Name}: {cause.Message}", AskAuthor);
        }
    }

    // Asked here once, so that a definition that cannot answer is refused now and not when somebody lists it.
    static void Describe(PluginDefinition definition)
    {
        _ = definition.Summary;
        _ = definition.Schema;
        _ = definition is SourceDefinition source ? source.Modes[0] : (object)((SinkDefinition)definition).Traits;
    }

    PluginEntry Refuse(PluginEntry entry, string cause, string remedy) => entry with { Problem = new(plugin.File, cause, remedy) };

    // The runtime wraps what a load context or a constructor throws; the innermost exception is the one that names the cause.
    static Exception Unwrap(Exception exception)
    {
        while (exception is TargetInvocationException or TypeInitializationException or IOException && exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }
}
