using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>Servers that end the connection again and again, fall silent, or change their mind about who may log in.</summary>
public sealed class DisturbanceTests(PostgresFixture fixture)
{
    const int FullDuration = 300;

    readonly Database _database = new(fixture.Server);

    [Fact]
    [Trait("Scenario", "PG11")]
    public async Task A_walsender_that_is_ended_every_second_holds_up_progress_and_nothing_else()
    {
        const int seconds = 5;
        var table = await CreateTableAsync();
        await using var setup = new Setup(_database, $"public.{table}");
        var reading = await setup.StartAsync();
        var consumer = new Consumer(setup, reading);
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(table, stop.Token);
        var consuming = consumer.RunAsync();
        for (var i = 0; i < seconds; i++)
        {
            var before = consumer.Count;
            var clock = Stopwatch.StartNew();
            await Eventually.HoldsAsync(() => consumer.Count > before && clock.Elapsed > TimeSpan.FromSeconds(1), "there is progress between two blows");
            await Eventually.HoldsAsync(
                () => _database.ScalarAsync<bool>($"SELECT count(pg_terminate_backend(active_pid)) > 0 FROM pg_replication_slots WHERE slot_name = '{setup.Slot}' AND active"),
                "the walsender is ended");
        }

        await stop.CancelAsync();
        var written = await writing;
        await Eventually.HoldsAsync(() => consumer.Count >= written, "everything is read");
        await setup.StopAllAsync();
        await consuming;

        Assert.Equal(Enumerable.Range(1, written), consumer.Ids);
        Assert.InRange(consumer.Reconnects, seconds, seconds * 20);
        TestContext.Current.TestOutputHelper?.WriteLine($"{seconds} s for {FullDuration} s: {written} rows, {consumer.Reconnects} times connected again");
    }

    [Fact]
    [Trait("Scenario", "PG10")]
    public async Task A_walsender_that_is_frozen_is_given_up_and_waited_out()
    {
        var table = await CreateTableAsync();
        await using var setup = new Setup(_database, $"public.{table}") { ReceiveTimeout = TimeSpan.FromSeconds(2) };
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        var (_, first) = await reading.NextTransactionAsync();
        var pid = await _database.ScalarAsync<int>($"SELECT active_pid FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'");
        Signal(pid, "-STOP");
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2)");

        var clock = Stopwatch.StartNew();
        var failure = await Assert.ThrowsAsync<PluginException>(async () =>
        {
            while (true)
            {
                await reading.NextAsync();
            }
        });
        var noticed = clock.Elapsed;
        var again = setup.Read(reading.Source, first);
        var waiting = again.WaitAsync();
        Assert.False(waiting.IsCompleted);
        clock.Restart();
        Signal(pid, "-CONT");

        Assert.Equal("2", (await again.NextEventAsync()).After?.GetString("id"));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.InRange(noticed, TimeSpan.Zero, TimeSpan.FromSeconds(12));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"silence noticed after {noticed.TotalSeconds:0.0} s (receive timeout 2 s for 40 s), going on {clock.Elapsed.TotalSeconds:0.0} s after the thaw");
    }

    [Fact]
    [Trait("Scenario", "PG36")]
    public async Task A_login_that_is_refused_from_now_on_fails_lastingly_at_the_next_connection_and_shows_no_password()
    {
        var (table, role) = (await CreateTableAsync(), Database.Unique("reader"));
        const string password = "canary-of-a-password";
        await _database.ExecuteAsync($"CREATE ROLE {role} LOGIN REPLICATION PASSWORD '{password}'");
        var log = new LogLines();
        await using var setup = new Setup(_database, $"public.{table}")
        {
            LoggerFactory = log,
            ConnectionString = new NpgsqlConnectionStringBuilder(_database.Server.ConnectionString) { Username = role, Password = password }.ConnectionString,
        };
        await _database.ExecuteAsync($"CREATE PUBLICATION {setup.Publication} FOR TABLE {table}");

        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        var (_, read) = await reading.NextTransactionAsync();
        foreach (var (change, expected, undo) in ((string, string, string)[])
        [
            ($"ALTER ROLE {role} PASSWORD 'another'", "refused the login", $"ALTER ROLE {role} PASSWORD '{password}'"),
            ($"ALTER ROLE {role} NOREPLICATION", "lacks the REPLICATION privilege", $"ALTER ROLE {role} REPLICATION"),
            ($"ALTER ROLE {role} NOLOGIN", "refused the login", $"ALTER ROLE {role} LOGIN"),
            (Reject(role), "refused the login", "SELECT pg_reload_conf()"),
        ])
        {
            await _database.ExecuteAsync(change);
            await Eventually.HoldsAsync(() => _database.IsActiveAsync(setup.Slot), "the connection that stands is not concerned");
            await _database.ExecuteAsync($"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'");
            Assert.Equal(FailureKind.Transient, (await FailAsync(reading)).Kind);

            var failure = await FailAsync(setup.Read(reading.Source, read));
            Assert.Equal(FailureKind.Permanent, failure.Kind);
            Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(password, failure.ToString(), StringComparison.Ordinal);
            await _database.ExecuteAsync(undo);
            reading = setup.Read(reading.Source, read);
            var waiting = reading.WaitAsync();
            await Eventually.HoldsAsync(async () => waiting.IsCompleted || await _database.IsActiveAsync(setup.Slot), "it reads again, or was refused");
        }

        Assert.All(log.Lines, line => Assert.DoesNotContain(password, $"{line.Text}{line.Exception}", StringComparison.Ordinal));
    }

    // Above all other lines of pg_hba.conf.
    static string Reject(string role) => $"""
        COPY (SELECT 'host all {role} all reject' UNION ALL (SELECT * FROM unnest(string_to_array(pg_read_file(current_setting('hba_file')), E'\n'))))
        TO PROGRAM 'cat > pg_hba.new && mv pg_hba.new pg_hba.conf'; SELECT pg_reload_conf();
        """;

    static async Task<PluginException> FailAsync(Reading reading)
    {
        try
        {
            while (true)
            {
                await reading.NextAsync();
            }
        }
        catch (PluginException e)
        {
            return e;
        }
    }

    static void Signal(int pid, string signal)
    {
        using var process = Process.Start("kill", [signal, pid.ToString(CultureInfo.InvariantCulture)]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    async Task<string> CreateTableAsync()
    {
        var table = Database.Unique("disturbed");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }

    async Task<int> WriteAsync(string table, CancellationToken stop)
    {
        await using var connection = await _database.ConnectAsync();
        var id = 0;
        while (!stop.IsCancellationRequested)
        {
            await Database.ExecuteAsync(connection, $"INSERT INTO {table} VALUES ({++id})");
        }

        return id;
    }
}
