using System.Diagnostics;
using Npgsql;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>A message of which only the first part arrives.</summary>
public sealed class StallTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task A_message_that_stops_arriving_is_given_up_after_the_receive_timeout()
    {
        await using var stalled = await StallAsync(TimeSpan.FromSeconds(1));

        var watch = Stopwatch.StartNew();
        var failure = await Assert.ThrowsAsync<TimeoutException>(() => ReadAsync(stalled.Session, TestContext.Current.CancellationToken).WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken));
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(900), TimeSpan.FromSeconds(20));
        Assert.Contains("bytes are missing", failure.Message, StringComparison.Ordinal);
        Assert.False(stalled.Events.TryTake(out _));
    }

    [Fact]
    public async Task Reading_stops_and_the_session_closes_soon_while_a_message_is_arriving()
    {
        await using var stalled = await StallAsync(TimeSpan.FromMinutes(5));
        using var stop = new CancellationTokenSource();
        var reading = ReadAsync(stalled.Session, stop.Token);
        await Eventually.HoldsAsync(() => stalled.Session.ReceivedLsn > stalled.Session.StartedAtLsn, "the message began to arrive");

        var watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        Assert.Equal(SessionStep.Stopped, await reading);
        await stalled.Session.DisposeAsync();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    static async Task<SessionStep> ReadAsync(ReplicationSession session, CancellationToken stop)
    {
        while (true)
        {
            if (await session.NextAsync(stop) is var step and (SessionStep.Stopped or SessionStep.Ended))
            {
                return step;
            }
        }
    }

    async Task<Stalled> StallAsync(TimeSpan receiveTimeout)
    {
        var table = Database.Unique("stall");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, big text); CREATE PUBLICATION {table} FOR TABLE {table}");
        await _database.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{table}', 'pgoutput')");
        var start = await _database.ConfirmedAsync(table);
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1, repeat('x', 3000000))");
        var proxy = new StallingProxy(_database.Server.Port, bytes: 1_000_000);
        var settings = new ConnectionSettings(new PostgresWalOptions
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(_database.Server.ConnectionString) { Port = proxy.Port }.ConnectionString,
            Slot = table,
            Publication = table,
            Tables = [],
        });
        var plan = new SessionPlan
        {
            Slot = table,
            Publication = table,
            Resume = new ResumePoint(Order: 1, State: default),
            Server = default,
            ConfirmedLsn = start,
            StatusInterval = TimeSpan.FromMilliseconds(100),
            ReceiveTimeout = receiveTimeout,
            TimeProvider = TimeProvider.System,
        };
        var session = await ReplicationSession.OpenAsync(
            plan, settings, Recording.Relations(_database, $"public.{table}"), TestContext.Current.CancellationToken);
        return new Stalled(_database, table, proxy, session, session.Events);
    }

    sealed record Stalled(Database Database, string Slot, StallingProxy Proxy, ReplicationSession Session, EventAssembler Events) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Session.DisposeAsync();
            Proxy.Dispose();
            await Eventually.HoldsAsync(async () => !await Database.IsActiveAsync(Slot), "the slot is free");
            await Database.DropSlotAsync(Slot);
        }
    }
}
