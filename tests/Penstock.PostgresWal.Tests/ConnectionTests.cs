using Microsoft.Extensions.Logging;
using Npgsql;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class ConnectionTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task A_role_that_may_not_publish_gets_the_statement_for_the_owner()
    {
        var (table, role) = (await CreateTableAsync(), Database.Unique("reader"));
        await _database.ExecuteAsync($"CREATE ROLE {role} LOGIN REPLICATION PASSWORD 'reader'");
        await using var setup = new Setup(_database, $"public.{table}") { ConnectionString = As(role, "reader") };

        var failure = await FailAsync(setup);

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains("let the tables' owner run: CREATE PUBLICATION", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_with_replication_alone_reads_what_the_owner_published()
    {
        var (table, role) = (await CreateTableAsync(), Database.Unique("reader"));
        await _database.ExecuteAsync($"CREATE ROLE {role} LOGIN REPLICATION PASSWORD 'reader'; ALTER TABLE {table} REPLICA IDENTITY FULL");
        await using var setup = new Setup(_database, $"public.{table}") { ConnectionString = As(role, "reader") };
        await _database.ExecuteAsync($"CREATE PUBLICATION {setup.Publication} FOR TABLE {table}");
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");

        var change = await reading.NextEventAsync();
        Assert.Equal("1"u8, change.Key.Span);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port={0};Database=postgres;Username=postgres;Password=wrong-secret", "refused the login")]
    [InlineData("Host=127.0.0.1;Port={0};Database=postgres;Username=postgres", "set \"password\"")]
    [InlineData("Host=127.0.0.1;Port={0};Database=absent;Username=postgres;Password=secret", "correct Database")]
    public async Task A_refused_login_is_permanent_and_shows_no_password(string connectionString, string expected)
    {
        await using var setup = new Setup(_database, "public.any") { ConnectionString = string.Format(connectionString, _database.Server.Port) };

        var failure = await FailAsync(setup);

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_away_is_a_transient_failure()
    {
        await using var setup = new Setup(_database, "public.any") { ConnectionString = $"Host=127.0.0.1;Port={FreePort.Next()};Username=u;Password=p" };

        Assert.Equal(FailureKind.Transient, (await FailAsync(setup)).Kind);
    }

    [Fact]
    public async Task The_log_says_what_was_created_and_where_reading_starts_and_never_the_password()
    {
        var table = await CreateTableAsync();
        var log = new LogLines();
        await using var setup = new Setup(_database, $"public.{table}") { LoggerFactory = log };
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        var (_, watermark) = await reading.NextTransactionAsync();
        await _database.ExecuteAsync($"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'");
        await Assert.ThrowsAsync<PluginException>(reading.NextAsync);
        await Eventually.HoldsAsync(async () => !await _database.IsActiveAsync(setup.Slot), "the slot is free");
        await setup.StartAsync(watermark);

        var lines = log.Lines.Where(line => line.Level >= LogLevel.Information).Select(line => line.Text).ToList();
        Assert.Collection(
            lines,
            line => Assert.Equal($"Created publication {setup.Publication} for public.{table}", line),
            line => Assert.StartsWith($"Created replication slot {setup.Slot} at ", line, StringComparison.Ordinal),
            line => Assert.StartsWith($"Slot {setup.Slot}: no checkpoint", line, StringComparison.Ordinal),
            line => Assert.StartsWith($"Slot {setup.Slot}: replication ended after ", line, StringComparison.Ordinal),
            line => Assert.StartsWith($"Slot {setup.Slot}: resuming after {watermark.Position}, reading from ", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain("secret", line, StringComparison.Ordinal));
    }

    static Task<PluginException> FailAsync(Setup setup) => Assert.ThrowsAsync<PluginException>(setup.Read(setup.NewSource()).NextAsync);

    string As(string role, string password) =>
        new NpgsqlConnectionStringBuilder(_database.Server.ConnectionString) { Username = role, Password = password }.ConnectionString;

    async Task<string> CreateTableAsync()
    {
        var table = Database.Unique("plain");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }
}
