using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>A server that an operator stops waits for its readers: none may hold it up, whatever it is doing.</summary>
[Collection(PostgresFixture.Apart)]
public sealed class ShutdownTests
{
    static readonly TimeSpan MostOfAStop = TimeSpan.FromSeconds(10);

    [Fact]
    [Trait("Scenario", "PG07")]
    public async Task A_server_that_stops_while_the_sinks_take_nothing_is_let_go_and_nothing_is_lost()
    {
        // More than the sockets between can hide, so that the server has not got rid of it.
        const int transactions = 10, rows = 5_000;
        using var server = PostgresServer.Start();
        var database = new Database(server);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY, pad text)");
        await using var setup = new Setup(database, "public.orders");
        var reading = await setup.StartAsync();
        for (var i = 0; i < transactions; i++)
        {
            await database.ExecuteAsync($"INSERT INTO orders SELECT g, repeat('x', 300) FROM generate_series({(i * rows) + 1}, {(i + 1) * rows}) g");
        }

        // The host is in the middle of a transaction, and waits for its lanes from here on.
        var before = await reading.NextEventsAsync(rows + 10);
        await StopAsync(server);

        server.Start();
        var last = before[^1];
        PluginException? failure = null;
        var seen = before.Count;
        try
        {
            while (true)
            {
                if (await reading.NextAsync() is ChangeEvent change)
                {
                    Assert.True(change.Position.Order > last.Position.Order);
                    (last, seen) = (change, seen + 1);
                }
            }
        }
        catch (PluginException e)
        {
            failure = e;
        }

        Assert.Equal(FailureKind.Transient, failure.Kind);
        var again = setup.Read(reading.Source, new Watermark(last.Position) { State = reading.Start!.State });
        var rest = await again.NextEventsAsync((transactions * rows) - seen);
        Assert.True(rest[0].Position.Order > last.Position.Order);
        Assert.Equal($"{transactions * rows}", rest[^1].After?.GetString("id"));
        TestContext.Current.TestOutputHelper?.WriteLine("read {0} before the stop, {1} after it", seen, rest.Count);
    }

    [Fact]
    [Trait("Scenario", "PG07")]
    public async Task A_server_that_stops_in_the_middle_of_a_huge_transaction_that_is_read_is_let_go_and_nothing_is_lost()
    {
        const int rows = 100_000;
        using var server = PostgresServer.Start();
        var database = new Database(server);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        await using var setup = new Setup(database, "public.orders");
        var reading = await setup.StartAsync();
        await database.ExecuteAsync($"INSERT INTO orders SELECT generate_series(1, {rows})");
        var last = (await reading.NextEventsAsync(1000))[^1];

        // Slower than the server could send, so that it is stopped in between.
        var stop = Task.Run(() => StopAsync(server), TestContext.Current.CancellationToken);
        var seen = 1000;
        try
        {
            while (true)
            {
                if (await reading.NextAsync() is ChangeEvent change)
                {
                    (last, seen) = (change, seen + 1);
                }

                if (seen % 200 == 0)
                {
                    await Eventually.BackOffAsync();
                }
            }
        }
        catch (PluginException e)
        {
            Assert.Equal(FailureKind.Transient, e.Kind);
        }

        await stop;
        Assert.InRange(seen, 1000, rows - 1);
        server.Start();
        var again = setup.Read(reading.Source, new Watermark(last.Position) { State = reading.Start!.State });
        Assert.Equal($"{seen + 1}", (await again.NextEventAsync()).After?.GetString("id"));
        Assert.Equal($"{rows}", (await again.NextEventsAsync(rows - seen - 1))[^1].After?.GetString("id"));
    }

    static async Task StopAsync(PostgresServer server)
    {
        var watch = Stopwatch.StartNew();
        await Task.Run(() => server.StopFast(TimeSpan.FromSeconds(30)), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine("pg_ctl stop -m fast took {0:0.0} s, at most {1} s", watch.Elapsed.TotalSeconds, MostOfAStop.TotalSeconds);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, MostOfAStop);
    }
}
