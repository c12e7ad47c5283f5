using System.Text.Json;

namespace Penstock.Host.Tests.Commands;

public sealed class CheckVerbTests : IDisposable
{
    readonly VerbFixture _fixture = new(lanes: 2);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Everything_that_was_found_is_listed_with_its_remedy_and_a_problem_fails_the_check()
    {
        Find("fact", "warn", "fail", "fail");

        var text = await _fixture.RunAsync("check");
        var json = await _fixture.RunAsync("check", "--json");

        Assert.Equal((1, 1), (text.ExitCode, json.ExitCode));
        Assert.Equal(
            """
            orders/db (fixture)
              nothing to check
            orders/picky (picky)
              ok       orders/picky has 2 lane(s)
              warning  the wind is\u{1b}[2J rising
                         → reef
              problem  the mast is broken
                         → step a new one
              problem  the mast is broken
                         → step a new one
            2 problem(s), 1 warning(s)

            """,
            text.Output);
        var sink = json.Json[1];
        Assert.Equal(
            ("orders", "sink", "picky", "picky"),
            (sink.GetProperty("pipeline").GetString(), sink.GetProperty("kind").GetString(), sink.GetProperty("name").GetString(), sink.GetProperty("type").GetString()));
        Assert.Equal(["ok", "warning", "problem", "problem"], sink.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("level").GetString()));
        Assert.Equal(JsonValueKind.Null, sink.GetProperty("findings")[0].GetProperty("remedy").ValueKind);
        Assert.Equal("reef", sink.GetProperty("findings")[1].GetProperty("remedy").GetString());
        Assert.False(Directory.Exists(_fixture.Combine("state", "orders", "checkpoints")));
    }

    [Fact]
    public async Task Warnings_alone_do_not_fail_it()
    {
        Find("warn");

        Assert.Equal(0, (await _fixture.RunAsync("check")).ExitCode);
    }

    [Theory]
    [InlineData("refuse", "the harbour is closed")]
    [InlineData("throw", "the plugin's check threw InvalidOperationException")]
    public async Task A_check_that_breaks_off_is_a_problem_beside_what_it_had_found(string how, string expected)
    {
        Find("warn", how);

        var run = await _fixture.RunAsync("check");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("rising", run.Output, StringComparison.Ordinal);
        Assert.Contains($"problem  {expected}", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Output + run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_config_that_is_wrong_is_not_checked_further()
    {
        Find("fail");
        File.WriteAllText(_fixture.ConfigFile, File.ReadAllText(_fixture.ConfigFile).Replace("\"lanes\": 2", "\"lanes\": 0", StringComparison.Ordinal));

        var run = await _fixture.RunAsync("check");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("0 is below the minimum 1", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("mast", run.Output, StringComparison.Ordinal);
    }

    void Find(params string[] findings) => File.WriteAllLines(_fixture.Combine("findings"), findings);
}
