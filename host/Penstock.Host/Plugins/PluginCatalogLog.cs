using Microsoft.Extensions.Logging;

namespace Penstock.Host.Plugins;

static partial class PluginCatalogLog
{
    [LoggerMessage(100, LogLevel.Debug, "Plugin {Kind} {Plugin} {Version} loaded from {File}")]
    public static partial void Loaded(this ILogger logger, PluginKind? kind, string plugin, string version, string file);

    [LoggerMessage(101, LogLevel.Error, "Plugin {Plugin} cannot be used: {Problem}")]
    public static partial void Refused(this ILogger logger, string plugin, PluginProblem problem);

    [LoggerMessage(102, LogLevel.Warning, "No plugin: {Problem}")]
    public static partial void NoPlugin(this ILogger logger, PluginProblem problem);

    [LoggerMessage(103, LogLevel.Warning, "{File} is a copy of an assembly that the host provides; it is ignored. Build the plugin with the Penstock.Sdk package, which leaves it out, or delete it")]
    public static partial void StraySdk(this ILogger logger, string file);

    [LoggerMessage(104, LogLevel.Warning, "{Directory} can be written by its group or by everybody, and plugins run with the host's rights; take the right away with chmod go-w")]
    public static partial void WritableByOthers(this ILogger logger, string directory);
}
