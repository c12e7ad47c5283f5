using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>What a running host says about a fault: without that, the fault never came.</summary>
static class HostLog
{
    public const string SinkFails = "could not write the sink (";
    public const string SourceFails = "reading failed (";

    public static int Count(this HostRun host, string text) => host.Errors.Split(text).Length - 1;

    /// <summary>Does something to the world, and waits until the host says that it noticed.</summary>
    public static async Task NoticesAsync(this HostRun host, string text, Action fault)
    {
        var before = host.Count(text);
        fault();
        await Eventually.HoldsAsync(
            () => host.Count(text) > before || (host.HasExited ? throw new InvalidOperationException($"the host ended: {host.Errors}") : false),
            $"the host says \"{text}\" once more");
    }
}
