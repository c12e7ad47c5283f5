using System.Security.Cryptography;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests.Faults;

/// <summary>What can happen to servers while entries are on their way, each with what makes it whole again.</summary>
static class SinkFaults
{
    /// <summary>Lets a fault happen in the middle of writing, and judges what is in the streams when it is over.</summary>
    public static async Task SurviveAsync(Victims victims, string fault, bool atomic)
    {
        await using var driver = new SinkDriver(victims, fault, atomic);
        await driver.DeliversAsync(100);
        var isDefinite = await HappenAsync(victims, fault, driver);
        await driver.DeliversAsync(200);
        var repeated = await driver.JudgeAsync();

        // What was refused is sent again and nothing else is; with positions, not even what nobody knows about comes twice.
        Assert.True(repeated == 0 || !(isDefinite || atomic), $"{repeated} entries came twice: {string.Join("; ", driver.Failures.Distinct())}");
    }

    // Returns whether the sink was told, of all that it sent, whether it was done.
    static async Task<bool> HappenAsync(Victims victims, string fault, SinkDriver driver)
    {
        var server = victims.PrimaryOf(driver.Stream);
        switch (fault)
        {
            case "killed":
                server.Kill();
                await driver.FailsForTheMomentAsync(server.Endpoint);
                await victims.IsReplacedAsync(server);
                await server.RestartAsync();
                await victims.IsBackAsync(server);
                return false;
            case "frozen":
                server.Freeze();
                await driver.FailsForTheMomentAsync(server.Endpoint);
                await victims.IsReplacedAsync(server);
                server.Thaw();
                await victims.IsBackAsync(server);
                return false;
            case "paused":
                victims.SendToPrimaries("CLIENT", "PAUSE", "60000", "WRITE");
                await driver.FailsForTheMomentAsync("did not answer within 2s");
                victims.SendToPrimaries("CLIENT", "UNPAUSE");
                return false;
            case "cut":
                for (var i = 0; i < 10; i++)
                {
                    victims.SendToPrimaries("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                    await driver.DeliversAsync(20);
                }

                return false;
            case "demoted":
                await victims.DemoteAsync(server);
                await (victims.Replicas == 0 ? driver.FailsForTheMomentAsync("READONLY") : Task.CompletedTask);
                await victims.PromoteAgainAsync(server);
                return victims.Replicas == 0;
            case "full":
                victims.SendToPrimaries("CONFIG", "SET", "maxmemory", "1");
                await driver.FailsForTheMomentAsync("OOM");
                victims.SendToPrimaries("CONFIG", "SET", "maxmemory", "0");
                return true;
            case "unsaved":
                await SavingFailsAsync(server, driver);
                return true;
            case "loading":
                await LoadsAsync(server, driver);

                // WAIT is refused, too: then entries are there, and nobody knows whether replicas have them.
                return victims.Replicas == 0;
            case "revoked":
                // In a script it is the script that is refused, before it has begun.
                victims.SendToPrimaries("ACL", "SETUSER", "default", "-xadd", "-evalsha", "-eval");
                var refusal = await driver.FailsForGoodAsync();
                Assert.Equal(FailureKind.Permanent, refusal.Kind);
                Assert.Contains("NOPERM", refusal.Message, StringComparison.Ordinal);
                victims.SendToPrimaries("ACL", "SETUSER", "default", "+xadd", "+evalsha", "+eval");
                driver.GoOn();
                return true;
            case "moved" when victims is ClusterVictims { Cluster: var cluster }:
                await MovesAsync(cluster, server, driver);
                return true;
            case "down" when victims is ClusterVictims { Cluster: var cluster }:
                RedisServer[] others = [.. victims.Primaries().Where(other => other != server)];
                Array.ForEach(others, other => other.Freeze());

                // Streams that lie at the others fail for another reason, and first.
                await driver.FailsForTheMomentAsync(driver.Stream.StartsWith('{') ? "CLUSTERDOWN" : "127.0.0.1");
                Array.ForEach(others, other => other.Thaw());
                await cluster.IsWellAsync();
                return false;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, "There is no such fault here.");
        }
    }

    // A directory where the dump is to be.
    static async Task SavingFailsAsync(RedisServer server, SinkDriver driver)
    {
        using var redis = new PlainRedis(server.Port);
        var dump = Path.Combine($"{((object?[])redis.Send("CONFIG", "GET", "dir")!)[1]}", "dump.rdb");
        File.Delete(dump);
        Directory.CreateDirectory(dump);
        redis.Send("CONFIG", "SET", "save", "3600 1000000");
        redis.Send("BGSAVE");
        await driver.FailsForTheMomentAsync("MISCONF");
        redis.Send("CONFIG", "SET", "save", "");
        Directory.Delete(dump);
    }

    static async Task LoadsAsync(RedisServer server, SinkDriver driver)
    {
        using var redis = new PlainRedis(server.Port);
        for (var n = 0; n < 15; n++)
        {
            // In a cluster, a hash tag of this very node. What compresses would be read in one go, and nobody answered meanwhile.
            redis.Send("SET", $"{{{Tag(driver.Stream)}}}:filler{n}", Convert.ToHexString(RandomNumberGenerator.GetBytes(2000)));
        }

        redis.Send("CONFIG", "SET", "loading-process-events-interval-bytes", "1024");
        redis.Send("CONFIG", "SET", "key-load-delay", "25000");
        var seen = driver.FailsForTheMomentAsync("LOADING");
        while (!seen.IsCompleted)
        {
            // The driver may look away for as long as one takes.
            await Task.Run(() => redis.Send("DEBUG", "RELOAD"));
        }

        await seen;
        redis.Send("CONFIG", "SET", "key-load-delay", "0");
    }

    static string Tag(string stream) => stream.StartsWith('{') ? stream[1..stream.IndexOf('}', StringComparison.Ordinal)] : stream;

    static async Task MovesAsync(ClusterServers cluster, RedisServer from, SinkDriver driver)
    {
        var slot = cluster.SlotOf(driver.Stream);
        var to = cluster.Servers.First(server => server != from && cluster.Servers.Contains(server) && cluster.PrimaryOf(slot) != server
            && cluster.PrimaryOf((slot + (ClusterServers.Slots / 3)) % ClusterServers.Slots) == server);
        cluster.BeginMigration(slot, to);
        await driver.DeliversAsync(50);
        cluster.MigrateKeys(slot, from, to);
        await driver.DeliversAsync(50);
        await cluster.EndMigrationAsync(slot, to);
        await driver.DeliversAsync(50);
    }
}
