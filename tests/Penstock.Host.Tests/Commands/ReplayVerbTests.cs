using System.Text.Json;
using static Penstock.Host.Tests.Commands.VerbFixture;

namespace Penstock.Host.Tests.Commands;

public sealed class ReplayVerbTests : IDisposable
{
    readonly VerbFixture _fixture = new(lanes: 4);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Replay_gives_the_sink_its_events_in_order_once_and_says_what_it_did()
    {
        // Not in source order: a crash may bring an older event after a newer one was given up.
        Keep((3, "a"), (2, "b"), (1, "a"));

        var asked = await _fixture.RunAsync("dead-letters", "replay", "--all");
        Assert.Equal(2, asked.ExitCode);
        Assert.Contains("add --yes", asked.Errors);
        Assert.Empty(_fixture.Delivered);

        var done = await _fixture.RunAsync("dead-letters", "replay", "--all", "--yes");
        var again = await _fixture.RunAsync("dead-letters", "replay", "--all", "--yes");

        Assert.Equal((0, 0), (done.ExitCode, again.ExitCode));
        Assert.Contains("3 dead letter(s): 3 replayed", done.Output);
        Assert.Contains("0 dead letter(s)", again.Output);
        Assert.Equal([1, 2, 3], _fixture.Delivered.Select(NumberOf).Order());
        Assert.Equal([1, 3], _fixture.Delivered.Select(NumberOf).Where(number => number != 2));
        Assert.All(_fixture.Delivered, line => Assert.Contains("\"headers\":{\"penstock-replayed\":\"20", line));
        Assert.All(_fixture.Delivered, line => Assert.Contains($"\"id\":\"{Id((ulong)NumberOf(line))}\"", line));
        Assert.All(_fixture.Delivered, line => Assert.Contains("/4 {", line));
        Assert.Contains($"\"by\":\"{Environment.UserName}\",\"command\":\"dead-letters replay\"", File.ReadAllLines(_fixture.Journal)[^1]);
    }

    [Fact]
    public async Task What_is_refused_again_stays_with_the_later_letters_of_its_key()
    {
        Keep((1, "a"), (2, "bad"), (3, "bad"), (4, "c"));
        _fixture.Refuse("bad");

        var run = await _fixture.RunAsync("dead-letters", "replay", "--all", "--yes", "--json");

        Assert.Equal(1, run.ExitCode);
        var outcomes = run.Json.GetProperty("letters").EnumerateArray().ToDictionary(
            letter => letter.GetProperty("id").GetString()!, letter => letter.GetProperty("outcome").GetString());
        Assert.Equal(("replayed", "refused", "kept", "replayed"), (outcomes[Id(1)], outcomes[Id(2)], outcomes[Id(3)], outcomes[Id(4)]));
        Assert.Equal(JsonValueKind.Null, run.Json.GetProperty("failure").ValueKind);

        _fixture.Refuse();
        Assert.Equal(0, (await _fixture.RunAsync("dead-letters", "replay", "--all", "--yes")).ExitCode);
        Assert.Equal([1, 2, 3, 4], _fixture.Delivered.Select(NumberOf).Order());
    }

    [Fact]
    public async Task A_selection_that_would_pass_an_older_letter_of_the_key_is_refused()
    {
        Keep((2, "a"), (1, "a"), (3, "b"));

        var passing = await _fixture.RunAsync("dead-letters", "replay", Id(2), Id(3), "--yes");
        Assert.Equal(2, passing.ExitCode);
        Assert.Contains($"{Id(2)} would pass {Id(1)}", passing.Errors);
        Assert.Empty(_fixture.Delivered);

        // Without the letter that passes, and with the one that it would have passed.
        Assert.Equal(0, (await _fixture.RunAsync("dead-letters", "replay", Id(3), "--yes")).ExitCode);
        Assert.Equal(0, (await _fixture.RunAsync("dead-letters", "replay", Id(2), Id(1), "--yes")).ExitCode);
        Assert.Equal([3, 1, 2], _fixture.Delivered.Select(NumberOf));
    }

    [Fact]
    public async Task A_sink_that_is_away_stops_the_replay_and_the_next_one_does_the_rest()
    {
        for (var number = 1; number <= 20; number++)
        {
            _fixture.Keep((ulong)number, $"{number}");
        }

        _fixture.Fail("7");
        var stopped = await _fixture.RunAsync("dead-letters", "replay", "--all", "--yes", "--json");

        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("the fixture's server is away", stopped.Json.GetProperty("failure").GetString());
        var counts = stopped.Json.GetProperty("counts");
        Assert.Equal(20, counts.GetProperty("replayed").GetInt32() + counts.GetProperty("kept").GetInt32());

        _fixture.Fail();
        Assert.Equal(0, (await _fixture.RunAsync("dead-letters", "replay", "--all", "--yes")).ExitCode);
        Assert.Equal(20, _fixture.Delivered.Select(NumberOf).Distinct().Count());
        Assert.Equal("[]", (await _fixture.RunAsync("dead-letters", "list", "--json")).Output.Trim());
    }

    [Fact]
    public async Task Letters_of_a_sink_that_the_config_does_not_have_are_refused_with_a_way_out()
    {
        _fixture.Keep(1, "a", sink: "gone");
        Keep((2, "b"));

        var all = await _fixture.RunAsync("dead-letters", "replay", "--all", "--yes");
        Assert.Equal(2, all.ExitCode);
        Assert.Contains("orders/gone", all.Errors);
        Assert.Empty(_fixture.Delivered);

        Assert.Equal(0, (await _fixture.RunAsync("dead-letters", "replay", "--all", "--sink", "picky", "--yes")).ExitCode);
        Assert.Single(_fixture.Delivered);
    }

    [Fact]
    public async Task What_a_running_host_gave_up_is_delivered_by_a_replay()
    {
        // The fixture's source has one event, without a key.
        _fixture.Refuse("");
        var run = await _fixture.RunAsync("run", "--json");
        Assert.Equal((0, 1), (run.ExitCode, run.Json[0].GetProperty("books")[0].GetProperty("deadLettered").GetInt32()));
        Assert.Empty(_fixture.Delivered);

        _fixture.Refuse();
        var listed = Assert.Single((await _fixture.RunAsync("dead-letters", "list", "--json")).Json.EnumerateArray());
        Assert.Equal("the fixture refuses ", listed.GetProperty("error").GetProperty("message").GetString());
        var id = listed.GetProperty("id").GetString()!;
        Assert.Equal(0, (await _fixture.RunAsync("dead-letters", "replay", id, "--yes")).ExitCode);

        Assert.Contains($"\"id\":\"{id}\"", Assert.Single(_fixture.Delivered));
        Assert.Equal("[]", (await _fixture.RunAsync("dead-letters", "list", "--json")).Output.Trim());
    }

    void Keep(params (ulong Number, string Key)[] letters)
    {
        foreach (var (number, key) in letters)
        {
            _fixture.Keep(number, key);
        }
    }

    static int NumberOf(string line)
    {
        using var json = JsonDocument.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..]);
        return json.RootElement.GetProperty("after").GetProperty("n").GetInt32();
    }
}
