using Microsoft.Extensions.Logging;
using Penstock.Host.Configuration;

namespace Penstock.Host.Running;

/// <summary>Decides on which thread plugins go on when something has arrived at a socket.</summary>
/// <remarks>
/// Handing it to the thread pool wakes two or three threads each time: 48 µs of CPU time an event against 27 at 1,000 transactions of ten rows a
/// second (decision 0015). Going on at once is safe only with code that never blocks there.
/// </remarks>
static partial class SocketThreads
{
    // The platform's own switch; it is looked at once, before the first socket.
    const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Called before anything connects. Leaves alone what the user has set.</summary>
    public static void Choose(HostConfig config, ILogger log)
    {
        if (Environment.GetEnvironmentVariable(Switch) is not null)
        {
            return;
        }

        var blocking = string.Join(", ", config.Pipelines.SelectMany(BlockingPlugins).Distinct().Order(StringComparer.Ordinal));
        if (blocking.Length == 0)
        {
            Environment.SetEnvironmentVariable(Switch, "1");
        }
        else
        {
            HandedToThePool(log, blocking);
        }
    }

    static IEnumerable<string> BlockingPlugins(PipelineConfig pipeline) =>
    [
        .. pipeline.Sources.Where(source => !source.Definition.GetTraitsOf(source.Options).NeverBlocksSockets).Select(source => source.Type),
        .. pipeline.Sinks.Where(sink => !sink.Definition.GetTraitsOf(sink.Options).NeverBlocksSockets).Select(sink => sink.Type),
    ];

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "What arrives is handed to the thread pool, which takes more CPU time: not every plugin says that it never blocks sockets ({Plugins})")]
    static partial void HandedToThePool(ILogger logger, string plugins);
}
