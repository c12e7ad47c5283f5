using System.Text.Json;
using Penstock.Host.Running;

namespace Penstock.Host.Tests.Commands;

public sealed class PositionVerbTests : IDisposable
{
    static readonly SourcePosition Five = new("", SourcePosition.Compose(5, 0));
    static readonly SourcePosition Nine = new("", SourcePosition.Compose(9, 0));
    static readonly SourcePosition Twelve = new("", SourcePosition.Compose(12, 0));

    readonly VerbFixture _fixture = new();

    string AuditFile => _fixture.Combine("state", "orders", "audit.jsonl");

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Show_reads_every_checkpoint_while_a_host_runs_and_without_plugins()
    {
        _fixture.Checkpoint(Nine, new SourcePosition("str@eam", 1));
        File.WriteAllText(_fixture.ConfigFile, """{ "pipelines": {} }""");
        using var running = StateLock.Acquire(_fixture.State);

        var json = await _fixture.RunAsync("positions", "show", "--json");
        var text = await _fixture.RunAsync("positions", "show", "--pipeline", "orders");
        var none = await _fixture.RunAsync("positions", "show", "--pipeline", "else");

        var source = Assert.Single(json.Json.EnumerateArray());
        Assert.Equal(("orders", "db", 7), (source.GetProperty("pipeline").GetString(), source.GetProperty("source").GetString(), source.GetProperty("generation").GetInt32()));
        Assert.Equal([Nine.ToString(), "str@eam@00000000/00000000/00000000/00000001"], source.GetProperty("partitions").EnumerateArray().Select(mark => mark.GetProperty("position").GetString()));
        Assert.Equal("AQ==", source.GetProperty("partitions")[0].GetProperty("state").GetString());
        Assert.Equal(Nine.ToString(), source.GetProperty("sinks")[0].GetProperty("settled")[0].GetString());
        Assert.Equal((0, 0, 0), (json.ExitCode, text.ExitCode, none.ExitCode));
        Assert.Contains($"orders/db  {Nine}", text.Output);
        Assert.Contains("no positions", none.Output);
    }

    [Fact]
    public async Task Show_live_tells_what_the_servers_know_while_a_host_runs()
    {
        _fixture.Checkpoint(Nine);
        using var running = StateLock.Acquire(_fixture.State);

        var text = await _fixture.RunAsync("positions", "show", "--live");
        var json = await _fixture.RunAsync("positions", "show", "--live", "--json");
        var none = await _fixture.RunAsync("positions", "show", "--live", "--pipeline", "else");

        Assert.Equal(
            """
            orders/db at its server
              orders/db lags by\u{1b}[2J 3

            """,
            text.Output);
        var source = Assert.Single(json.Json.EnumerateArray());
        Assert.Equal(("orders", "db", "source"), (source.GetProperty("pipeline").GetString(), source.GetProperty("name").GetString(), source.GetProperty("kind").GetString()));
        Assert.Equal("ok", source.GetProperty("findings")[0].GetProperty("level").GetString());
        Assert.Equal((0, 0, 0, ""), (text.ExitCode, json.ExitCode, none.ExitCode, none.Output));
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_reported_and_not_reset()
    {
        _fixture.Checkpoint(Nine);
        var file = _fixture.Combine("state", "orders", "db.checkpoint.1");
        File.WriteAllText(file, "damage");

        foreach (var verb in (string[][])[["show"], ["reset", "orders/db", "--to", "start", "--yes"]])
        {
            var run = await _fixture.RunAsync(["positions", .. verb]);

            Assert.Equal(1, run.ExitCode);
            Assert.Contains($"{file}: the checksum does not match", run.Errors);
        }

        Assert.Equal("damage", File.ReadAllText(file));
        Assert.False(File.Exists(AuditFile));
    }

    [Theory]
    [InlineData(5, "replay", "is delivered again")]
    [InlineData(12, "loss", "is never delivered: LOSS")]
    public async Task Reset_to_a_position_says_what_it_does_then_moves_source_and_sinks_and_is_audited(ulong number, string effect, string consequence)
    {
        var target = new SourcePosition("", SourcePosition.Compose(number, 0));
        _fixture.Checkpoint(Nine, new SourcePosition("other", 1));

        var asked = await _fixture.RunAsync("positions", "reset", "orders/db", "--to", $"{target}");
        Assert.Equal(2, asked.ExitCode);
        Assert.Contains(consequence, asked.Output);
        Assert.Contains("add --yes", asked.Errors);
        Assert.Equal(7, _fixture.ReadCheckpoint().Generation);
        Assert.False(File.Exists(AuditFile));

        var done = await _fixture.RunAsync("positions", "reset", "orders/db", "--to", $"{target}", "--yes", "--json");

        Assert.Equal(0, done.ExitCode);
        Assert.Equal((effect, true), (done.Json.GetProperty("effect").GetString(), done.Json.GetProperty("done").GetBoolean()));
        var checkpoint = _fixture.ReadCheckpoint();
        Assert.True(checkpoint.IsReset);
        Assert.Equal([new SourcePosition("other", 1), target], checkpoint.Partitions.Select(mark => mark.Position));
        Assert.Equal([1, 0], checkpoint.Partitions.Select(mark => mark.State.Length));
        Assert.Equal([new SourcePosition("other", 1), target], Assert.Single(checkpoint.Sinks).Settled);
        using var audit = JsonDocument.Parse(Assert.Single(File.ReadAllLines(AuditFile)));
        Assert.Equal((Environment.UserName, "positions reset", "db", target.ToString()), (Text(audit, "by"), Text(audit, "command"), Text(audit, "source"), Text(audit, "to")));
        Assert.Equal(Nine.ToString(), audit.RootElement.GetProperty("from")[0].GetString());
    }

    [Fact]
    public async Task Reset_to_the_start_forgets_everything_in_both_generations()
    {
        _fixture.Checkpoint(Nine);

        var done = await _fixture.RunAsync("positions", "reset", "orders/db", "--to", "start", "--yes");
        var again = await _fixture.RunAsync("positions", "reset", "orders/db", "--to", "start", "--yes");

        Assert.Equal((0, 0), (done.ExitCode, again.ExitCode));
        Assert.Contains("the source itself decides", done.Output);
        Assert.Contains("at the start already", again.Output);
        Assert.Single(File.ReadAllLines(AuditFile));
        for (var file = 0; file < 2; file++)
        {
            var checkpoint = _fixture.ReadCheckpoint();
            Assert.True(checkpoint is { IsReset: true, Partitions: [], Sinks: [] });
            // What is left when the newer file is damaged must be no older than the reset.
            File.Delete(_fixture.Combine("state", "orders", $"db.checkpoint.{checkpoint.Generation % 2}"));
        }

        Assert.Equal(0, _fixture.ReadCheckpoint().Generation);
    }

    [Fact]
    public async Task Reset_is_refused_while_a_host_runs()
    {
        _fixture.Checkpoint(Nine);
        using (StateLock.Acquire(_fixture.State))
        {
            var refused = await _fixture.RunAsync("positions", "reset", "orders/db", "--to", "start", "--yes");
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("works only while no host runs", refused.Errors);
        }

        Assert.Equal(Nine, Assert.Single(_fixture.ReadCheckpoint().Partitions).Position);
    }

    [Fact]
    public async Task What_cannot_be_reset_is_a_mistake_and_changes_nothing()
    {
        _fixture.Checkpoint(Nine);
        (string Reason, string[] Arguments)[] mistakes =
        [
            ("no source orders/else has a position", ["orders/else", "--to", "start"]),
            ("no source ../x/db has a position", ["../x/db", "--to", "start"]),
            ("\"noon\" is not a position", ["orders/db", "--to", "noon"]),
            ("has no partition \"x\"", ["orders/db", "--to", $"x@{Five}"]),
            ("", ["orders/db"]),
        ];
        foreach (var (reason, arguments) in mistakes)
        {
            var run = await _fixture.RunAsync(["positions", "reset", "--yes", .. arguments]);

            Assert.Equal(2, run.ExitCode);
            Assert.Contains(reason, run.Errors);
        }

        Assert.Equal(Nine, Assert.Single(_fixture.ReadCheckpoint().Partitions).Position);
        Assert.False(File.Exists(AuditFile));
        Assert.Equal(0, (await _fixture.RunAsync("positions", "reset", "--yes", "orders/db", "--to", $"{Twelve}")).ExitCode);
    }

    static string? Text(JsonDocument json, string name) => json.RootElement.GetProperty(name).GetString();
}
