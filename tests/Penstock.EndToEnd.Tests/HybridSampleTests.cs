using System.Text.Json;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>The sample with three kinds of sources, as it lies there.</summary>
public sealed class HybridSampleTests
{
    [Fact]
    public async Task Three_guarantees_meet_in_one_file()
    {
        using var postgres = PostgresServer.Start();
        await using var redis = await RedisServer.StartAsync();
        using var client = new PlainRedis(redis.Port);
        Sql.Run(postgres, "CREATE TABLE orders (id bigint PRIMARY KEY, status text)");
        using var workspace = new Workspace(File.ReadAllText(Path.Combine(Distribution.Root, "samples", "orders-hybrid", "penstock.json")));
        using var host = HostRun.StartAs(
            "/usr/bin/env",
            [
                $"ORDERS_POSTGRES={postgres.ConnectionStringWithoutPassword}", "ORDERS_POSTGRES_PASSWORD=secret", $"ORDERS_REDIS={redis.Endpoint}",
                Distribution.Executable, "run", "-c", workspace.ConfigFile,
            ]);
        await Eventually.HoldsAsync(() => Sql.Run(postgres, "SELECT count(*) FROM pg_replication_slots WHERE active") is 1L, "the slot is in use");

        Sql.Run(postgres, "INSERT INTO orders VALUES (1, 'new')");
        client.Send("XADD", "clicks", "*", "order", "1", "page", "/pay");
        await Eventually.HoldsAsync(() => client.SendForNumber("PUBLISH", "prices", "42") == 1, "somebody listens");
        await Eventually.HoldsAsync(() => Lines(workspace).Count == 3, "all three are in the file");
        Assert.Equal(0, await host.TerminateAsync());

        Assert.Equal(
            [("clicks", "at-least-once", "clicks"), ("db", "at-least-once", "public.orders"), ("prices", "at-most-once", "prices")],
            Lines(workspace).Order());
        foreach (var source in (string[])["db", "clicks", "prices"])
        {
            Assert.Contains($"orders: {source} → file: ", host.Errors.Replace("\\u2192", "→", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    static List<(string Source, string Delivery, string Subject)> Lines(Workspace workspace)
    {
        var file = workspace.Combine("out", "orders.jsonl");
        return File.Exists(file) ? [.. File.ReadLines(file).Select(Parse)] : [];
    }

    static (string Source, string Delivery, string Subject) Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        return (Text("source"), Text("delivery"), Text("subject"));

        string Text(string name) => json.RootElement.GetProperty(name).GetString()!;
    }
}
