using Penstock.Sources.PostgresWal;

namespace Penstock.PostgresWal.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Good_options_have_no_problem()
    {
        Assert.Empty(Problems(Options("Host=db;Username=u", "pub", "public.orders", "Sales.Order Lines", "a.b.c")));
    }

    [Theory]
    [InlineData("Username=u", "pub", "public.orders", "/connectionString")]
    [InlineData("Host=db;Nonsense=1;", "pub", "public.orders", "/connectionString")]
    [InlineData("Host=db;Port=many", "pub", "public.orders", "/connectionString")]
    [InlineData("Host=db", " ", "public.orders", "/publication")]
    [InlineData("Host=db", "p\0", "public.orders", "/publication")]
    [InlineData("Host=db", "0123456789012345678901234567890123456789012345678901234567890123", "public.orders", "/publication")]
    [InlineData("Host=db", "éééééééééééééééééééééééééééééééé", "public.orders", "/publication")]
    [InlineData("Host=db", "pub", "orders", "/tables/0")]
    [InlineData("Host=db", "pub", ".orders", "/tables/0")]
    [InlineData("Host=db", "pub", "public.", "/tables/0")]
    [InlineData("Host=db", "pub", "public. ", "/tables/0")]
    [InlineData("Host=db", "pub", "0123456789012345678901234567890123456789012345678901234567890123.orders", "/tables/0")]
    [InlineData("Host=db", "pub", "public.0123456789012345678901234567890123456789012345678901234567890123", "/tables/0")]
    public void A_rule_that_a_schema_cannot_express_is_reported_at_its_place(string connectionString, string publication, string table, string pointer)
    {
        var problem = Assert.Single(Problems(Options(connectionString, publication, table)));

        Assert.Equal(pointer, problem.Pointer);
        Assert.StartsWith("expected", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_reported_in_one_run()
    {
        Assert.Equal(
            ["/connectionString", "/publication", "/tables/1", "/tables/2"],
            Problems(Options("", "", "public.a", "b", "public.a")).Select(problem => problem.Pointer));
    }

    [Fact]
    public void A_password_torn_by_a_semicolon_is_not_repeated_in_the_problem()
    {
        var problem = Assert.Single(Problems(Options("Host=db;Password=half;other-half=x", "pub", "public.orders")));

        Assert.DoesNotContain("half", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_cannot_rewrite_the_connection_string()
    {
        var options = new PostgresWalOptions
        {
            ConnectionString = "Host=db;Username=u",
            Password = new Secret("x;Host=evil;Username=root"),
            Slot = "s",
            Publication = "p",
            Tables = ["public.t"],
        };

        var connection = new Npgsql.NpgsqlConnectionStringBuilder(new ConnectionSettings(options).Replication("UTF8"));

        Assert.Equal("db", connection.Host);
        Assert.Equal("u", connection.Username);
        Assert.Equal("x;Host=evil;Username=root", connection.Password);
    }

    [Theory]
    [InlineData(0, 2_000, 40_000)]
    [InlineData(3_000, 1_000, 15_000)]
    [InlineData(60_000, 2_000, 40_000)]
    [InlineData(600_000, 2_000, 400_000)]
    [InlineData(30, 100, 15_000)]
    public void Intervals_follow_the_servers_timeout(int walSenderTimeout, int statusInterval, int receiveTimeout)
    {
        Assert.Equal(statusInterval, Timeouts.StatusInterval(TimeSpan.FromMilliseconds(walSenderTimeout)).TotalMilliseconds);
        Assert.Equal(receiveTimeout, Timeouts.ReceiveTimeout(TimeSpan.FromMilliseconds(walSenderTimeout)).TotalMilliseconds);
    }

    static PostgresWalOptions Options(string connectionString, string publication, params string[] tables) =>
        new() { ConnectionString = connectionString, Slot = "s", Publication = publication, Tables = tables };

    static IReadOnlyList<(string Pointer, string Message)> Problems(PostgresWalOptions options)
    {
        var report = new ConfigReport();
        new PostgresWalPlugin().Validate(options, report);
        return report.Problems;
    }
}
