using System.Text.Json;
using Penstock.Host.Running;
using static Penstock.Host.Tests.Commands.VerbFixture;

namespace Penstock.Host.Tests.Commands;

public sealed class DeadLetterVerbTests : IDisposable
{
    readonly VerbFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task List_has_every_open_letter_and_works_while_a_host_runs_and_without_plugins()
    {
        _fixture.Keep(1, "a\n");
        _fixture.Keep(2, "b", sink: "other");
        File.WriteAllText(_fixture.ConfigFile, """{ "pipelines": {} }""");
        using var running = StateLock.Acquire(_fixture.State);

        var json = await _fixture.RunAsync("dead-letters", "list", "--json");
        var text = await _fixture.RunAsync("dead-letters", "list");
        var one = await _fixture.RunAsync("dead-letters", "list", "--json", "--pipeline", "orders", "--sink", "other");
        var none = await _fixture.RunAsync("dead-letters", "list", "--pipeline", "else");

        Assert.Equal((0, ""), (json.ExitCode, json.Errors));
        Assert.Equal([Id(2), Id(1)], json.Json.EnumerateArray().Select(letter => letter.GetProperty("id").GetString()));
        var letter = json.Json[1];
        Assert.Equal(
            ("orders", "picky", "db", "t", "refused"),
            (Text(letter, "pipeline"), Text(letter, "sink"), Text(letter, "source"), Text(letter, "subject"), Text(letter, "reason")));
        Assert.Equal("a\n"u8, letter.GetProperty("key").GetBytesFromBase64());
        Assert.Equal("poison", Text(letter.GetProperty("error"), "class"));
        Assert.Equal(Id(2), Assert.Single(one.Json.EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(3, text.Output.TrimEnd('\n').Split('\n').Length);
        Assert.Contains(@"key ""a\u{a}""", text.Output);
        Assert.DoesNotContain('\u001b', text.Output);
        Assert.Contains("no dead letters", none.Output);
    }

    [Fact]
    public async Task Show_prints_the_event_and_its_history_also_of_a_closed_letter()
    {
        _fixture.Keep(1, "a");
        await _fixture.RunAsync("dead-letters", "discard", Id(1), "--yes");

        var json = await _fixture.RunAsync("dead-letters", "show", Id(1), "--json");
        var text = await _fixture.RunAsync("dead-letters", "show", Id(1));
        var unknown = await _fixture.RunAsync("dead-letters", "show", "orders/db:0");

        var letter = Assert.Single(json.Json.EnumerateArray());
        Assert.Equal("discarded", Text(letter, "state"));
        Assert.Equal(1, letter.GetProperty("event").GetProperty("after").GetProperty("n").GetInt32());
        var history = letter.GetProperty("history");
        Assert.Equal(["deadLetter", "discarded"], history.EnumerateArray().Select(entry => Text(entry, "kind")));
        Assert.Equal((Environment.UserName, "dead-letters discard"), (Text(history[1], "by"), Text(history[1], "command")));
        Assert.Contains("\"after\":{\"n\":1}", text.Output);
        Assert.Contains(Environment.UserName, text.Output);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("no dead letter has the id orders/db:0", unknown.Errors);
    }

    [Fact]
    public async Task A_damaged_line_is_reported_and_nothing_is_changed_because_of_it()
    {
        _fixture.Keep(1, "a");
        File.AppendAllText(_fixture.Journal, "damage\n");

        var list = await _fixture.RunAsync("dead-letters", "list", "--json");
        var show = await _fixture.RunAsync("dead-letters", "show", Id(1));
        var discard = await _fixture.RunAsync("dead-letters", "discard", "--all", "--yes");
        var replay = await _fixture.RunAsync("dead-letters", "replay", "--all", "--yes");

        Assert.All([list, show, discard, replay], run =>
        {
            Assert.Equal(1, run.ExitCode);
            Assert.Contains($"{_fixture.Journal}:2: expected a dead letter", run.Errors);
        });
        Assert.Single(list.Json.EnumerateArray());
        Assert.Equal(2, File.ReadAllLines(_fixture.Journal).Length);
        Assert.Empty(_fixture.Delivered);
    }

    [Fact]
    public async Task Discard_closes_what_it_is_told_and_says_so_first()
    {
        _fixture.Keep(1, "a");
        _fixture.Keep(2, "b");

        var asked = await _fixture.RunAsync("dead-letters", "discard", Id(1));
        Assert.Equal(2, asked.ExitCode);
        Assert.Contains("add --yes", asked.Errors);
        Assert.Equal(2, File.ReadAllLines(_fixture.Journal).Length);

        var done = await _fixture.RunAsync("dead-letters", "discard", Id(1), "--yes", "--json");
        var again = await _fixture.RunAsync("dead-letters", "discard", Id(1), "--yes", "--json");

        Assert.Equal((0, 0), (done.ExitCode, again.ExitCode));
        Assert.Equal((1, 0), (Count(done, "discarded"), Count(done, "closed")));
        Assert.Equal((0, 1), (Count(again, "discarded"), Count(again, "closed")));
        Assert.Equal(3, File.ReadAllLines(_fixture.Journal).Length);
        var left = await _fixture.RunAsync("dead-letters", "list", "--json");
        Assert.Equal(Id(2), Assert.Single(left.Json.EnumerateArray()).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("discard")]
    public async Task Changing_anything_is_refused_while_a_host_runs(string verb)
    {
        _fixture.Keep(1, "a");
        using (StateLock.Acquire(_fixture.State))
        {
            var refused = await _fixture.RunAsync("dead-letters", verb, "--all", "--yes");
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("works only while no host runs", refused.Errors);
            Assert.Single(File.ReadAllLines(_fixture.Journal));
        }

        Assert.Equal(0, (await _fixture.RunAsync("dead-letters", verb, "--all", "--yes")).ExitCode);
    }

    [Theory]
    [InlineData("name the dead letters")]
    [InlineData("not both", "--all", "x")]
    [InlineData("no dead letter has the id x", "x")]
    public async Task A_selection_that_makes_no_sense_is_a_mistake(string reason, params string[] selection)
    {
        _fixture.Keep(1, "a");
        foreach (var verb in (string[])["replay", "discard"])
        {
            var run = await _fixture.RunAsync(["dead-letters", verb, "--yes", .. selection]);

            Assert.Equal(2, run.ExitCode);
            Assert.Contains(reason, run.Errors);
        }

        Assert.Single(File.ReadAllLines(_fixture.Journal));
    }

    static string? Text(JsonElement parent, string name) => parent.GetProperty(name).GetString();

    static int Count(VerbRun run, string outcome) => run.Json.GetProperty("counts").GetProperty(outcome).GetInt32();
}
