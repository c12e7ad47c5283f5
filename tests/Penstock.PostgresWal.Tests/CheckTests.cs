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
    public async Task What_is_missing_is_a_problem_each_with_its_remedy_and_nothing_is_created()
    {
        using var server = PostgresServer.Start("wal_level = replica");
        var database = new Database(server);
        await database.ExecuteAsync("CREATE ROLE weak LOGIN PASSWORD 'weak'; CREATE TABLE bare (id int)");
        await using var setup = new Setup(database, "public.bare", "public.absent")
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = "weak", Password = "weak" }.ConnectionString,
        };

        var findings = await CheckAsync(setup.Options);

        Assert.StartsWith("PostgreSQL 15", findings[0].Text, StringComparison.Ordinal);
        var problems = findings.Where(finding => finding.Level == CheckLevel.Problem).ToList();
        Assert.Equal(4, problems.Count);
        Assert.All(problems, problem => Assert.NotEmpty(problem.Remedy!));
        Assert.Contains(problems, problem => problem.Remedy == "ALTER ROLE \"weak\" WITH REPLICATION;");
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots)"));
    }

    [Fact]
    public async Task A_server_that_is_ready_has_no_problems_and_is_left_as_it_was()
    {
        var table = Database.Unique("checked");
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
        await using var setup = new Setup(_database, $"public.{table}");

        var before = await CheckAsync(setup.Options);

        Assert.All(before, finding => Assert.Equal(CheckLevel.Fact, finding.Level));
        Assert.Contains(before, finding => finding.Text == $"slot \"{setup.Slot}\" does not exist; a run creates it, and reads from there");
        Assert.Equal(0, await _database.ScalarAsync<long>($"SELECT count(*) FROM pg_publication WHERE pubname = '{setup.Publication}'"));

        await setup.StartAsync();
        Assert.Contains(await CheckAsync(setup.Options), finding => finding.Text.StartsWith($"slot \"{setup.Slot}\" stands at ", StringComparison.Ordinal));
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

    static async Task<IReadOnlyList<CheckFinding>> CheckAsync(PostgresWalOptions options)
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
