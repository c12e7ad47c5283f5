using System.Diagnostics;
using System.Text.Json;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>The sample that repairs a crash between a commit and its message, as it lies there.</summary>
public sealed class RepairSampleTests
{
    static readonly string Sample = Path.Combine(Distribution.Root, "samples", "repair-publisher");

    [Fact]
    public async Task A_message_that_a_crash_left_out_is_repaired_and_no_other_comes_twice()
    {
        using var postgres = PostgresServer.Start();
        await using var redis = await RedisServer.StartAsync();
        using var client = new PlainRedis(redis.Port);
        Sql.Run(postgres, "CREATE TABLE orders (id bigint PRIMARY KEY, status text)");
        using var workspace = new Workspace(File.ReadAllText(Path.Combine(Sample, "penstock.json")));
        var publisher = await BuildAsync(workspace.Combine("publisher"));
        using var host = HostRun.StartAs(
            "/usr/bin/env", [$"ORDERS_REDIS={redis.Endpoint}", "REPAIR_DELAY=3s", Distribution.Executable, "run", "-c", workspace.ConfigFile]);

        using (var whole = Publish(publisher, postgres, redis, "1", "paid"))
        {
            await whole.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, whole.ExitCode);
        }

        using (var crashing = Publish(publisher, postgres, redis, "2", "paid", "--pause-after-commit"))
        {
            Assert.Equal("committed", await crashing.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            crashing.Kill();
            await crashing.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(2L, Sql.Run(postgres, "SELECT count(*) FROM orders"));
        await Eventually.HoldsAsync(() => Orders(workspace).Count >= 2, "the repair has come");
        await Eventually.HoldsAsync(() => client.SendForNumber("XLEN", "orders-repair") == 0, "both repairs are settled, and trimmed");
        Assert.Equal(0, await host.TerminateAsync());
        Assert.Equal([("orders", "1"), ("orders-repair", "2")], Orders(workspace));
    }

    static Process Publish(string publisher, PostgresServer postgres, RedisServer redis, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [publisher, .. arguments]) { RedirectStandardOutput = true };
        start.Environment["ORDERS_POSTGRES"] = postgres.ConnectionString;
        start.Environment["ORDERS_REDIS"] = redis.Endpoint;
        return Process.Start(start)!;
    }

    static List<(string Stream, string Order)> Orders(Workspace workspace)
    {
        var file = workspace.Combine("out", "orders.jsonl");
        return File.Exists(file) ? [.. File.ReadLines(file).Select(Parse)] : [];
    }

    static (string Stream, string Order) Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        return (json.RootElement.GetProperty("subject").GetString()!, json.RootElement.GetProperty("after").GetProperty("order").GetString()!);
    }

    // A copy outside of this repository, as somebody else has it.
    static async Task<string> BuildAsync(string target)
    {
        var copy = target + ".project";
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(Sample))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        using var build = Process.Start(new ProcessStartInfo("dotnet", ["build", copy, "-o", target, "--disable-build-servers"]) { RedirectStandardOutput = true })!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, output);
        return Path.Combine(target, "RepairPublisher.dll");
    }
}
