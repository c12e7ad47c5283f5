using Penstock.Host.Plugins;

namespace Penstock.Host.Tests.Plugins;

static class Refusal
{
    /// <summary>The plugin is broken, and its problem names this file, this cause and this remedy; nothing of it was loaded.</summary>
    public static void Names(PluginEntry? entry, string file, string cause, string remedy)
    {
        Assert.NotNull(entry);
        Assert.Null(entry.Definition);
        Names(entry.Problem, file, cause, remedy);
    }

    public static void Names(PluginProblem? problem, string file, string cause, string remedy)
    {
        Assert.NotNull(problem);
        Assert.Equal(file, problem.File);
        Assert.Contains(cause, problem.Cause, StringComparison.Ordinal);
        Assert.Contains(remedy, problem.Remedy, StringComparison.Ordinal);
    }

    /// <summary>No assembly of this path has been loaded, so none of its code has run.</summary>
    public static void LeftUnloaded(string file) => Assert.DoesNotContain(file, Loaded);

    public static IEnumerable<string> Loaded => AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.IsDynamic ? "" : assembly.Location);
}
