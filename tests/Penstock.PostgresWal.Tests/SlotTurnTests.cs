using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>One slot, several readers, of whom one is dead, frozen or simply there first.</summary>
[Collection(PostgresFixture.Apart)]
public sealed class SlotTurnTests
{
    static readonly TimeSpan SenderTimeout = TimeSpan.FromSeconds(1);

    [Fact]
    [Trait("Scenario", "PG13")]
    public async Task A_second_reader_stands_by_names_the_first_and_takes_over_when_it_is_gone()
    {
        using var server = PostgresServer.Start($"wal_sender_timeout = {SenderTimeout.TotalMilliseconds}");
        var database = new Database(server);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        var log = new LogLines();
        await using var first = new Setup(database, "public.orders") { StatusInterval = TimeSpan.FromMilliseconds(200) };
        await using var second = new Setup(database, "public.orders") { Slot = first.Slot, Publication = first.Publication, LoggerFactory = log };
        var reading = await first.StartAsync();
        await database.ExecuteAsync("INSERT INTO orders VALUES (1)");
        var (_, settled) = await reading.NextTransactionAsync();
        await first.StopAllAsync();
        await Eventually.HoldsAsync(async () => !await database.IsActiveAsync(first.Slot), "the slot is released");

        // It is away, and comes back as an owner that goes on reading and confirming.
        var owner = await first.StartAsync(settled);
        await owner.Source.AcknowledgeAsync([settled], TestContext.Current.CancellationToken);
        var owning = owner.WaitAsync();
        var pid = await database.ScalarAsync<int>($"SELECT active_pid FROM pg_replication_slots WHERE slot_name = '{first.Slot}'");

        var watch = Stopwatch.StartNew();
        var standby = second.Read(second.NewSource());
        var failure = await Assert.ThrowsAsync<PluginException>(standby.NextAsync);

        Assert.InRange(watch.Elapsed, SenderTimeout, SlotTurn.Patience(SenderTimeout) * 3);
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Contains($"is read by somebody else (pid {pid}, application \"penstock\", client 127.0.0.1)", failure.Message, StringComparison.Ordinal);
        var line = Assert.Single(log.Lines);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains($"is in use (pid {pid}, ", line.Text, StringComparison.Ordinal);
        Assert.Equal((0, null), (second.Connected, standby.Start));
        Assert.False(owning.IsFaulted);

        // The next attempt waits by itself, so that nothing is said again and again.
        var again = second.Read(standby.Source);
        var turn = again.WaitAsync();
        await database.ExecuteAsync("INSERT INTO orders VALUES (2)");
        Assert.Equal("2", (await owner.NextEventAsync()).After?.GetString("id"));
        Assert.False(turn.IsCompleted);
        await first.StopAllAsync();
        await database.ExecuteAsync("INSERT INTO orders VALUES (3)");

        // What the first one read and did not settle comes again, and no more than that.
        Assert.Equal(["2", "3"], (await again.NextEventsAsync(2)).Select(change => change.After?.GetString("id")));
        TestContext.Current.TestOutputHelper?.WriteLine($"stood by after {watch.Elapsed.TotalSeconds:0.0} s; wal_sender_timeout {SenderTimeout.TotalSeconds:0} s for 60 s");
    }

    [Fact]
    [Trait("Scenario", "PG12")]
    public async Task A_reader_whose_network_died_is_waited_out_in_quiet()
    {
        using var server = PostgresServer.Start($"wal_sender_timeout = {SenderTimeout.TotalMilliseconds}");
        var database = new Database(server);
        await using var network = new TcpProxy(server.Port);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        await using var cutOff = new Setup(database, "public.orders")
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Port = network.Port }.ConnectionString,
        };
        var lost = await cutOff.StartAsync();
        await database.ExecuteAsync("INSERT INTO orders VALUES (1)");
        var (_, settled) = await lost.NextTransactionAsync();
        Assert.NotEqual(0, network.Blackhole());
        await database.ExecuteAsync("INSERT INTO orders VALUES (2)");

        // The host was started anew, beside what the server still takes for its reader.
        var log = new LogLines();
        await using var setup = new Setup(database, "public.orders") { Slot = cutOff.Slot, Publication = cutOff.Publication, LoggerFactory = log };
        Assert.True(await database.IsActiveAsync(setup.Slot));
        var watch = Stopwatch.StartNew();
        var reading = setup.Read(setup.NewSource(), settled);

        Assert.Equal("2", (await reading.NextEventAsync()).After?.GetString("id"));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, SenderTimeout + TimeSpan.FromSeconds(10));
        Assert.Single(log.Lines, line => line.Text.Contains("is in use", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Warning);
        TestContext.Current.TestOutputHelper?.WriteLine($"took over after {watch.Elapsed.TotalSeconds:0.0} s; wal_sender_timeout {SenderTimeout.TotalSeconds:0} s for 60 s");
    }

    [Fact]
    public async Task A_replication_connection_that_reaches_another_server_than_the_checks_did_is_given_up()
    {
        using var server = PostgresServer.Start();
        var setup = new Setup(new Database(server), "public.orders");
        var plan = new SessionPlan
        {
            Slot = "any",
            Publication = "any",
            Resume = default,
            Server = new ServerIdentity(SystemId: 1, Timeline: 1),
            ConfirmedLsn = 0,
            ClientEncoding = "UTF8",
            StatusInterval = TimeSpan.FromSeconds(1),
            ReceiveTimeout = TimeSpan.FromSeconds(1),
            TimeProvider = TimeProvider.System,
        };

        var failure = await Assert.ThrowsAsync<PluginException>(async () => await ReplicationSession.OpenAsync(
            plan, new ConnectionSettings(setup.Options), Recording.Relations(setup.Database, "public.orders"), TestContext.Current.CancellationToken));

        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Matches("system identifier 1 on timeline 1, and was connected for replication to [0-9]{10,} on timeline 1", failure.Message);
        Assert.Equal(0, await setup.Database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_replication"));
    }
}
