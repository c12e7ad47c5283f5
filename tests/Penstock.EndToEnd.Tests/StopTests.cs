using Penstock.EndToEnd.Tests.Admin;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>A stop that comes at an awkward moment.</summary>
public sealed class StopTests
{
    const int Stops = 10;

    // Npgsql's own way to cancel lets two sockets of one thread wait for each other, longer than the two seconds that a source has (decision 0015).
    [Fact]
    public async Task Right_after_its_first_event_a_host_closes_its_sources_cleanly()
    {
        await using var world = await WalToRedis.StartAsync();
        using (var first = world.StartHost())
        {
            await world.SlotAsync();
            Assert.Equal(0, await first.TerminateAsync());
        }

        for (var stop = 1; stop <= Stops; stop++)
        {
            world.Execute("UPDATE counters SET n = n + 1 WHERE id = 1");
            using var host = world.StartHost();
            await Eventually.HoldsAsync(() => world.StreamLength() == stop, "the change is delivered");
            await TakeSocketsAsync(host, stop % 2 + 1);
            Assert.Equal(0, await host.TerminateAsync());
            Assert.DoesNotContain("could not be closed cleanly", host.Errors, StringComparison.Ordinal);
        }
    }

    // The platform gives its sockets to its threads in turn: which ones share a thread depends on how many there were.
    static async Task TakeSocketsAsync(HostRun host, int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var admin = await AdminClient.OfAsync(host);
            await admin.MetricsAsync();
        }
    }
}
