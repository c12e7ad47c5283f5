using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Penstock.Sources.PostgresWal;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

public sealed class CheckTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    [Trait("Scenario", "PG37")]
    public async Task What_is_missing_is_a_problem_each_with_its_remedy_and_nothing_is_created()
    {
        using var server = PostgresServer.Start("wal_level = replica", "max_replication_slots = 1", "max_wal_senders = 0", "wal_sender_timeout = 0");
        var database = new Database(server);
        await database.ExecuteAsync("""
            CREATE ROLE weak LOGIN PASSWORD 'weak'; CREATE TABLE bare (id int); SELECT pg_create_physical_replication_slot('taken');
            """);
        await using var setup = new Setup(database, "public.bare", "public.absent") { ConnectionString = As(server, "weak") };

        var findings = await CheckAsync(setup.Options);

        Assert.Matches("^PostgreSQL 1[0-9]\\.[0-9]+", findings[0].Text);
        Assert.Equal(
            [
                "wal_level is \"replica\", expected \"logical\"",
                "role \"weak\" lacks the REPLICATION privilege",
                "table \"public\".\"absent\" does not exist in database \"postgres\"",
                "table \"public\".\"bare\" has no usable replica identity: publishing it would make the application's own UPDATE and DELETE fail",
                "all 1 replication slots are taken",
                "all 0 WAL senders are in use",
                "role \"weak\" may not create a publication in database \"postgres\"",
                "role \"weak\" does not own table \"public\".\"bare\", and only an owner publishes it",
            ],
            Texts(findings, CheckLevel.Problem));
        Assert.Contains(findings, finding => finding.Remedy == "ALTER ROLE \"weak\" WITH REPLICATION;");
        Assert.Contains(findings, finding => finding.Remedy == "GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO \"weak\";");
        Assert.Equal(2, Texts(findings, CheckLevel.Warning).Count(text => text.StartsWith("wal_sender_timeout is 0", StringComparison.Ordinal)
            || text.StartsWith("max_slot_wal_keep_size is -1", StringComparison.Ordinal)));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots)"));
    }

    [Fact]
    public async Task A_server_that_is_ready_has_no_problems_and_is_left_as_it_was()
    {
        using var server = PostgresServer.Start("max_slot_wal_keep_size = 1GB");
        var database = new Database(server);
        await database.ExecuteAsync("""
            CREATE ROLE penstock LOGIN REPLICATION PASSWORD 'penstock'; GRANT CREATE ON DATABASE postgres TO penstock;
            CREATE TABLE orders (id int PRIMARY KEY); ALTER TABLE orders OWNER TO penstock;
            GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO penstock;
            """);
        await using var setup = new Setup(database, "public.orders") { ConnectionString = As(server, "penstock") };

        var before = await CheckAsync(setup.Options);

        // Of an old version there is one to say, too.
        before = [.. before.Where(finding => !finding.Text.EndsWith("gets no more security fixes", StringComparison.Ordinal))];
        Assert.All(before, finding => Assert.Equal((CheckLevel.Fact, null), (finding.Level, finding.Remedy)));
        Assert.Equal(
            [$"publication \"{setup.Publication}\" does not exist; a run creates it", $"slot \"{setup.Slot}\" does not exist; a run creates it, and reads from there"],
            Texts(before, CheckLevel.Fact).Skip(1));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots)"));

        await setup.StartAsync();
        Assert.Contains(await CheckAsync(setup.Options), finding => finding.Text.StartsWith($"slot \"{setup.Slot}\" stands at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_publication_leaves_out_is_warned_of_and_a_superuser_is_too_much()
    {
        await _database.SkipWithoutListsAsync();
        var (orders, notes) = (Database.Unique("orders"), Database.Unique("notes"));
        await using var setup = new Setup(_database, $"public.{orders}", $"public.{notes}");
        await _database.ExecuteAsync($"""
            CREATE TABLE {orders} (id int PRIMARY KEY, total int); CREATE TABLE {notes} (id int PRIMARY KEY, note text, "Author" text);
            CREATE PUBLICATION {setup.Publication} FOR TABLE {orders} WHERE (id > 10), {notes} (id) WITH (publish = 'insert, delete');
            """);

        var warnings = Texts(await CheckAsync(setup.Options), CheckLevel.Warning);

        Assert.Contains("role \"postgres\" is a superuser, which this source does not need", warnings);
        Assert.Contains($"publication \"{setup.Publication}\" sends no update, no truncate", warnings);
        Assert.Contains($"of table \"public\".\"{orders}\" only the rows with (id > 10) are sent; one that leaves the filter is sent as a delete", warnings);
        Assert.Contains($"of table \"public\".\"{notes}\" these columns are not sent: note, \"Author\"", warnings);
    }

    [Fact]
    public async Task A_publication_of_all_tables_is_warned_of()
    {
        var table = Database.Unique("any");
        await using var setup = new Setup(_database, $"public.{table}");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY); CREATE PUBLICATION {setup.Publication} FOR ALL TABLES");

        var warnings = Texts(await CheckAsync(setup.Options), CheckLevel.Warning);
        await _database.ExecuteAsync($"DROP PUBLICATION {setup.Publication}");

        Assert.Contains(warnings, text => text.StartsWith($"publication \"{setup.Publication}\" is for all tables", StringComparison.Ordinal));
    }

    // PostgreSQL 18 refuses what the application writes into such a table once it is published; those before it do not.
    [Theory]
    [InlineData("GENERATED ALWAYS AS (id * 2) STORED", false)]
    [InlineData("GENERATED ALWAYS AS (id * 2) STORED", true)]
    [InlineData("DEFAULT 7", false)]
    [Trait("Scenario", "PG21")]
    public async Task A_table_that_could_not_be_written_any_more_is_not_published_and_warned_of(string column, bool sendsGenerated)
    {
        var is18 = await _database.MajorAsync() >= 18;
        var table = Database.Unique("doubled");
        await using var setup = new Setup(_database, $"public.{table}");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, d int {column}); ALTER TABLE {table} REPLICA IDENTITY FULL; INSERT INTO {table} (id) VALUES (1)");

        var problems = Texts(await CheckAsync(setup.Options), CheckLevel.Problem);
        await _database.ExecuteAsync($"CREATE PUBLICATION {setup.Publication} FOR TABLE {table} {(is18 && sendsGenerated ? "WITH (publish_generated_columns = stored)" : "")}");
        var warnings = Texts(await CheckAsync(setup.Options), CheckLevel.Warning);

        var isRefused = false;
        try
        {
            await _database.ExecuteAsync($"UPDATE {table} SET id = id");
        }
        catch (PostgresException e) when (e.MessageText == $"cannot update table \"{table}\"")
        {
            isRefused = true;
        }

        Assert.Equal(is18 && column != "DEFAULT 7", problems.Any(text => text.Contains("generated ones among them", StringComparison.Ordinal)));
        Assert.Equal(is18 && column != "DEFAULT 7" && !sendsGenerated, isRefused);
        Assert.Equal(isRefused, warnings.Any(text => text.Contains("generated ones among them", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Scenario", "PG21")]
    public async Task Tables_without_key_or_identity_are_named_each_with_what_it_means()
    {
        var (full, bare) = (Database.Unique("full"), Database.Unique("bare"));
        await using var setup = new Setup(_database, $"public.{full}", $"public.{bare}");
        await _database.ExecuteAsync($"""
            CREATE TABLE {full} (id int); ALTER TABLE {full} REPLICA IDENTITY FULL; CREATE TABLE {bare} (id int);
            CREATE PUBLICATION {setup.Publication} FOR TABLE {full}, {bare};
            """);
        var before = await CatalogAsync(_database);

        var warnings = Texts(await CheckAsync(setup.Options), CheckLevel.Warning);

        Assert.Contains($"table \"public\".\"{full}\" has no primary key: its events have no key, and keep the order of the whole table in one lane", warnings);
        Assert.Contains(
            $"table \"public\".\"{bare}\" is published and has no usable replica identity: its application's UPDATE and DELETE fail, and its events have no key", warnings);
        Assert.Equal(before, await CatalogAsync(_database));
        await _database.ExecuteAsync($"DROP PUBLICATION {setup.Publication}");
    }

    [Fact]
    [Trait("Scenario", "PG26")]
    public async Task A_slot_waits_for_an_open_transaction_and_both_the_check_and_the_run_name_it()
    {
        var table = Database.Unique("waits");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        await using var open = await _database.ConnectAsync();
        await Database.ExecuteAsync(open, $"BEGIN; INSERT INTO {table} VALUES (1)");
        await using var setup = new Setup(_database, $"public.{table}")
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(_database.Server.ConnectionString) { CommandTimeout = 1 }.ConnectionString,
        };

        var warnings = Texts(await CheckAsync(setup.Options), CheckLevel.Warning);
        var failure = await Assert.ThrowsAsync<PluginException>(setup.Read(setup.NewSource()).NextAsync);

        var pid = open.ProcessID;
        Assert.Contains(warnings, text => text.Contains($"the oldest one: pid {pid} (", StringComparison.Ordinal) && text.EndsWith("idle in transaction", StringComparison.Ordinal));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Contains($"could not be created in time: it waits for the transactions that were open before it; the oldest one: pid {pid} (", failure.Message, StringComparison.Ordinal);
        await Database.ExecuteAsync(open, "COMMIT");
        await setup.StartAsync();
    }

    [Fact]
    public async Task A_slot_that_is_read_or_older_than_its_publication_is_warned_of()
    {
        var table = Database.Unique("taken");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        await using var setup = new Setup(_database, $"public.{table}");
        await setup.StartAsync();
        await Eventually.HoldsAsync(() => _database.IsReadAsync(setup.Slot), "the slot is read");
        var pid = await _database.ScalarAsync<int>($"SELECT active_pid FROM pg_replication_slots WHERE slot_name = '{setup.Slot}'");

        var warnings = Texts(await CheckAsync(setup.Options), CheckLevel.Warning);
        Assert.Contains($"slot \"{setup.Slot}\" is read just now by pid {pid}, application \"penstock\", client 127.0.0.1: a run stands by until it is free", warnings);
        Assert.DoesNotContain(warnings, text => text.Contains("was made, or altered", StringComparison.Ordinal));

        await using var reversed = new Setup(_database, $"public.{table}");
        await _database.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{reversed.Slot}', 'pgoutput')");
        await _database.ExecuteAsync($"CREATE PUBLICATION {reversed.Publication} FOR TABLE {table}");
        warnings = Texts(await CheckAsync(reversed.Options), CheckLevel.Warning);
        Assert.Contains(warnings, text => text.Contains($"was made, or altered, after where slot \"{reversed.Slot}\" stands", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Scenario", "PG38")]
    public async Task A_sender_timeout_that_no_status_interval_can_meet_is_refused_and_every_other_is_met()
    {
        foreach (var milliseconds in (int[])[300, 1000, 2000, 10_000, 60_000, 3_600_000, 0])
        {
            var timeout = TimeSpan.FromMilliseconds(milliseconds);
            Assert.True(timeout == TimeSpan.Zero || Timeouts.StatusInterval(timeout) <= timeout / 3, $"{timeout}");
            Assert.InRange(Timeouts.ReceiveTimeout(timeout), TimeSpan.FromSeconds(15), TimeSpan.FromHours(1));
        }

        using var server = PostgresServer.Start("wal_sender_timeout = 250ms");
        var database = new Database(server);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        await using var setup = new Setup(database, "public.orders");
        Assert.Contains("wal_sender_timeout is 250 ms, expected at least 300 ms", Texts(await CheckAsync(setup.Options), CheckLevel.Problem).Single(), StringComparison.Ordinal);
        Assert.Equal(FailureKind.Permanent, (await Assert.ThrowsAsync<PluginException>(setup.Read(setup.NewSource()).NextAsync)).Kind);
        Assert.Equal("00", await CatalogAsync(database));
    }

    [Fact]
    public async Task A_login_that_is_refused_says_so_without_the_password()
    {
        await using var setup = new Setup(_database, "public.any")
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(fixture.Server.ConnectionString) { Password = "not-this" }.ConnectionString,
        };

        var refused = await Assert.ThrowsAsync<PluginException>(() => CheckAsync(setup.Options));

        Assert.Equal(FailureKind.Permanent, refused.Kind);
        Assert.Contains("refused the login", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-this", refused.Message, StringComparison.Ordinal);
    }

    static Task<string> CatalogAsync(Database database) =>
        database.ScalarAsync<string>("SELECT (SELECT count(*) FROM pg_publication)::text || (SELECT count(*) FROM pg_replication_slots)::text");

    static string As(PostgresServer server, string role) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = role, Password = role }.ConnectionString;

    static IEnumerable<string> Texts(IReadOnlyList<CheckFinding> findings, CheckLevel level) =>
        findings.Where(finding => finding.Level == level).Select(finding => finding.Text);

    internal static async Task<IReadOnlyList<CheckFinding>> CheckAsync(PostgresWalOptions options)
    {
        using var meter = new Meter("tests");
        var context = new SourceContext
        {
            Pipeline = "tests",
            Instance = "db",
            LoggerFactory = NullLoggerFactory.Instance,
            TimeProvider = TimeProvider.System,
            Meter = meter,
        };
        var report = new CheckReport();
        await new PostgresWalPlugin().CheckAsync(options, context, report, TestContext.Current.CancellationToken);
        return report.Findings;
    }
}
