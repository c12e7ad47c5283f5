using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>From PostgreSQL 17 on a standby can keep the slot, too, and reading goes on there.</summary>
[Collection(PostgresFixture.Apart)]
public sealed class FailoverSlotTests
{
    const int Oldest = 17;

    [Fact]
    public async Task After_a_failover_reading_goes_on_at_the_standby_and_nothing_is_lost()
    {
        using var primary = PostgresServer.StartAtLeast(Oldest, "hot_standby_feedback = on");
        var database = new Database(primary);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        await database.ExecuteAsync("SELECT pg_create_physical_replication_slot('standby', true)");
        primary.StopFast(TimeSpan.FromSeconds(30));
        using var standby = PostgresServer.StartStandby(
            primary, configuration: ["primary_slot_name = 'standby'", "sync_replication_slots = on", "hot_standby_feedback = on", "wal_retrieve_retry_interval = 100ms"]);
        await database.ExecuteAsync("ALTER SYSTEM SET synchronized_standby_slots = 'standby'");
        await database.ExecuteAsync("SELECT pg_reload_conf()");

        await using var setup = new Setup(database, "public.orders");
        var first = await setup.DeliverAsync("orders", 1);
        Assert.True(await database.ScalarAsync<bool>($"SELECT failover FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'"));
        var successor = new Database(standby);

        // A standby takes over a slot only when it moves, so it has to be read.
        var idle = await setup.StartAsync(first);
        var last = first;
        var pump = Task.Run(
            async () =>
            {
                while (await idle.TryNextAsync() is Watermark watermark)
                {
                    last = watermark;
                    await idle.Source.AcknowledgeAsync([watermark], CancellationToken.None);
                }
            },
            TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(
            async () =>
            {
                await database.ExecuteAsync("SELECT pg_log_standby_snapshot()");
                return await successor.ScalarAsync<bool>(
                    $"SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '{setup.Slot}' AND synced AND NOT temporary)");
            },
            "the standby has the slot");
        await idle.StopAsync();
        await pump;
        await setup.StopAllAsync();
        await Eventually.HoldsAsync(async () => !await database.IsActiveAsync(setup.Slot), "the slot is released");

        // Delivered and confirmed, but not yet known to the standby's slot; and what nobody has read.
        var checkpoint = await setup.DeliverAsync("orders", 2, last);
        await database.ExecuteAsync("INSERT INTO orders VALUES (3)");
        await Eventually.HoldsAsync(async () => await successor.ScalarAsync<long>("SELECT count(*) FROM orders") == 3, "the standby has the rows");
        primary.StopImmediate();
        standby.Promote();
        await successor.ExecuteAsync("INSERT INTO orders VALUES (4)");

        await using var moved = new Setup(successor, "public.orders") { Slot = setup.Slot, Publication = setup.Publication };
        var reading = await moved.StartAsync(checkpoint);
        Assert.Equal(["3", "4"], (await reading.NextEventsAsync(2)).Select(change => change.After?.GetString("id")));
        primary.Start();
    }

    [Fact]
    public async Task A_slot_that_no_standby_keeps_and_standbys_that_may_lag_are_warned_of()
    {
        using var primary = PostgresServer.StartAtLeast(Oldest);
        var database = new Database(primary);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE orders; SELECT pg_create_physical_replication_slot('standby')");
        await database.ExecuteAsync("SELECT pg_create_logical_replication_slot('plain', 'pgoutput')");
        await using var setup = new Setup(database, "public.orders") { Slot = "plain", Publication = "p" };

        var findings = await CheckTests.CheckAsync(setup.Options);

        Assert.Contains(findings, finding => finding.Remedy?.Contains("ALTER_REPLICATION_SLOT plain (FAILOVER true)", StringComparison.Ordinal) == true);
        Assert.Contains(findings, finding => finding.Text.StartsWith("synchronized_standby_slots is empty", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_standby_is_checked_for_what_does_not_work_there()
    {
        using var primary = PostgresServer.StartAtLeast(Oldest);
        await new Database(primary).ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        primary.StopFast(TimeSpan.FromSeconds(30));
        using var standby = PostgresServer.StartStandby(primary);
        await using var setup = new Setup(new Database(standby), "public.orders");

        var findings = await CheckTests.CheckAsync(setup.Options);

        Assert.Contains(findings, finding => finding.Text.StartsWith("the server is a standby: ", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Level == CheckLevel.Problem && finding.Text.EndsWith("cannot be created at a standby", StringComparison.Ordinal));
    }
}
