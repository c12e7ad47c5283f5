using Microsoft.Extensions.Logging;
using Npgsql;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class PrerequisiteTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task Everything_that_is_missing_is_named_at_once_with_its_remedy_and_nothing_is_created()
    {
        using var server = PostgresServer.Start("wal_level = replica");
        var database = new Database(server);
        await database.ExecuteAsync("""
            CREATE ROLE weak LOGIN PASSWORD 'weak'; CREATE TABLE bare (id int); CREATE TABLE fine (id int PRIMARY KEY);
            CREATE TABLE nothing (id int PRIMARY KEY); ALTER TABLE nothing REPLICA IDENTITY NOTHING;
            """);
        await using var setup = new Setup(database, "public.bare", "public.fine", "public.absent", "public.nothing")
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = "weak", Password = "weak" }.ConnectionString,
            CreateSlot = false,
        };

        var failure = await FailAsync(setup);

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        string[] expected =
        [
            "wal_level is \"replica\"", "ALTER SYSTEM SET wal_level = 'logical'", "\"weak\" lacks the REPLICATION privilege", "ALTER ROLE \"weak\" WITH REPLICATION;",
            "table \"public\".\"absent\" does not exist", "table \"public\".\"bare\" has no usable replica identity", "ALTER TABLE \"public\".\"bare\" REPLICA IDENTITY FULL;",
            "table \"public\".\"nothing\" has no usable replica identity", $"slot \"{setup.Slot}\" does not exist",
        ];
        Assert.All(expected, part => Assert.Contains(part, failure.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("\"fine\"", failure.Message, StringComparison.Ordinal);
        Assert.Equal(6, failure.Message.Split("\n  - ").Length - 1);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots)"));
    }

    [Fact]
    [Trait("Scenario", "PG21")]
    public async Task A_table_without_identity_is_refused_and_its_application_can_still_update()
    {
        var table = Database.Unique("bare");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int); INSERT INTO {table} VALUES (1)");
        await using var setup = new Setup(_database, $"public.{table}");

        var failure = await FailAsync(setup);

        Assert.Contains("no usable replica identity", failure.Message, StringComparison.Ordinal);
        await _database.ExecuteAsync($"UPDATE {table} SET id = 2");

        // Had the publication been made, the application would have broken.
        await _database.ExecuteAsync($"CREATE PUBLICATION {setup.Publication} FOR TABLE {table}");
        await Assert.ThrowsAsync<PostgresException>(() => _database.ExecuteAsync($"UPDATE {table} SET id = 3"));
        await _database.ExecuteAsync($"DROP PUBLICATION {setup.Publication}");
    }

    [Fact]
    public async Task A_missing_publication_that_may_not_be_created_is_named_with_its_SQL()
    {
        var table = await CreateTableAsync();
        await using var setup = new Setup(_database, $"public.{table}") { CreatePublication = false };

        var failure = await FailAsync(setup);

        Assert.Contains($"CREATE PUBLICATION \"{setup.Publication}\" FOR TABLE ONLY \"public\".\"{table}\" WITH", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await _database.ScalarAsync<long>($"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'"));
    }

    [Fact]
    public async Task A_publication_that_lacks_a_table_is_refused_with_the_statement_that_adds_it()
    {
        var (table, other) = (await CreateTableAsync(), await CreateTableAsync());
        await using var setup = new Setup(_database, $"public.{table}", $"public.{other}");
        await _database.ExecuteAsync($"CREATE PUBLICATION {setup.Publication} FOR TABLE {table}");

        var failure = await FailAsync(setup);

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains($"ALTER PUBLICATION \"{setup.Publication}\" ADD TABLE \"public\".\"{other}\";", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Scenario", "PG16")]
    public async Task A_slot_made_before_its_publication_is_refused_or_warned_of_with_the_cause()
    {
        var table = await CreateTableAsync();
        using var log = new LogLines();
        await using var setup = new Setup(_database, $"public.{table}") { LoggerFactory = log };
        await _database.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{setup.Slot}', 'pgoutput')");

        var before = await FailAsync(setup);
        Assert.Contains("made after the slot", before.Message, StringComparison.Ordinal);
        Assert.Equal(0, await _database.ScalarAsync<long>($"SELECT count(*) FROM pg_publication WHERE pubname = '{setup.Publication}'"));

        // Somebody creates it by hand all the same: the stream itself fails. From 18 on it leaves the row out, and whether it does cannot be known before.
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        await _database.ExecuteAsync($"CREATE PUBLICATION {setup.Publication} FOR TABLE {table}");
        var reading = await setup.StartAsync();
        if (await _database.MajorAsync() >= 18)
        {
            Assert.Contains(log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains($"drop the slot with SELECT pg_drop_replication_slot('{setup.Slot}')", StringComparison.Ordinal));
            await _database.ExecuteAsync($"INSERT INTO {table} VALUES (2)");
            Assert.Equal("2", (await reading.NextEventAsync()).After?.GetString("id"));
            return;
        }

        var after = await Assert.ThrowsAsync<PluginException>(reading.NextAsync);
        Assert.Equal(FailureKind.Permanent, after.Kind);
        Assert.Contains("pg_drop_replication_slot", after.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test_decoding")]
    [InlineData(null)]
    public async Task A_slot_of_another_kind_is_refused(string? plugin)
    {
        var table = await CreateTableAsync();
        await using var setup = new Setup(_database, $"public.{table}");
        await _database.ExecuteAsync(plugin is null
            ? $"SELECT pg_create_physical_replication_slot('{setup.Slot}')"
            : $"SELECT pg_create_logical_replication_slot('{setup.Slot}', '{plugin}')");

        var failure = await FailAsync(setup);

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains("expected \"pgoutput\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slot_of_another_database_is_refused()
    {
        var (table, other) = (await CreateTableAsync(), Database.Unique("elsewhere"));
        await using var setup = new Setup(_database, $"public.{table}");
        await _database.ExecuteAsync($"CREATE DATABASE {other}");
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(fixture.Server.ConnectionString) { Database = other }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await Database.ExecuteAsync(connection, $"SELECT pg_create_logical_replication_slot('{setup.Slot}', 'pgoutput')");

        var failure = await FailAsync(setup);
        await Database.ExecuteAsync(connection, $"SELECT pg_drop_replication_slot('{setup.Slot}')");

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains($"in database \"{other}\", expected \"pgoutput\" in \"postgres\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_cannot_be_published_is_a_permanent_failure()
    {
        var table = Database.Unique("unlogged");
        await _database.ExecuteAsync($"CREATE UNLOGGED TABLE {table} (id int PRIMARY KEY)");
        await using var setup = new Setup(_database, $"public.{table}");

        var failure = await FailAsync(setup);

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Matches($"cannot be created: .*\"{table}\"", failure.Message);
    }

    [Fact]
    public async Task A_table_that_inherits_from_a_configured_one_is_not_published()
    {
        var table = await CreateTableAsync();
        await _database.ExecuteAsync($"CREATE TABLE {table}_child () INHERITS ({table}); INSERT INTO {table}_child VALUES (1)");
        await using var setup = new Setup(_database, $"public.{table}");
        await setup.StartAsync();

        // It has no key of its own: published, its UPDATE would fail.
        await _database.ExecuteAsync($"UPDATE {table}_child SET id = 2");
        Assert.Equal(1, await _database.ScalarAsync<long>($"SELECT count(*) FROM pg_publication_tables WHERE pubname = '{setup.Publication}'"));
    }

    [Fact]
    public async Task Names_are_data_and_never_SQL()
    {
        await _database.ExecuteAsync("""
            CREATE TABLE IF NOT EXISTS victim (id int PRIMARY KEY);
            CREATE SCHEMA "od""d'; --"; CREATE TABLE "od""d'; --"."a""; drop table victim; -- $1 \" (id int PRIMARY KEY, "c""o'l" text)
            """);
        await using var setup = new Setup(_database, "od\"d'; --.a\"; drop table victim; -- $1 \\") { Publication = "p\"u',b; drop table victim; -- \\" };
        var reading = await setup.StartAsync();

        await _database.ExecuteAsync("""INSERT INTO "od""d'; --"."a""; drop table victim; -- $1 \" VALUES (1, 'x')""");
        var change = await reading.NextEventAsync();

        Assert.Equal("od\"d'; --.a\"; drop table victim; -- $1 \\", change.Subject);
        Assert.Equal("x", change.After?.GetString("c\"o'l"));
        Assert.Equal(1, await _database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'victim'"));
        Assert.Equal(1, await _database.ScalarAsync<long>("""SELECT count(*) FROM pg_publication WHERE pubname = 'p"u'',b; drop table victim; -- \'"""));
    }

    static Task<PluginException> FailAsync(Setup setup) => Assert.ThrowsAsync<PluginException>(setup.Read(setup.NewSource()).NextAsync);

    async Task<string> CreateTableAsync()
    {
        var table = Database.Unique("plain");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        return table;
    }
}
