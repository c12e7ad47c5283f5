using Penstock.Host.Configuration;

namespace Penstock.Host.Tests.Configuration;

/// <summary><c>"require": "effectively-once"</c> is met by pairs that have everything it takes, and by no other.</summary>
public sealed class EffectivelyOnceTests : IDisposable
{
    const string Wal = "\"db\": { \"type\": \"wal\" }";
    const string Store = "\"out\": { \"type\": \"store\", \"config\": { \"colours\": false } }";

    readonly ConfigFixture _fixture = new()
    {
        Catalog = new TestCatalog()
            .Add("wal", new LogPlugin(DeliveryGuarantee.AtLeastOnce, canReplay: true, PositionOrder.Partition))
            .Add("group", new LogPlugin(DeliveryGuarantee.AtLeastOnce, canReplay: true, PositionOrder.None))
            .Add("channel", new LogPlugin(DeliveryGuarantee.AtMostOnce, canReplay: false, PositionOrder.None))
            .Add("tail", new LogPlugin(DeliveryGuarantee.AtLeastOnce, canReplay: false, PositionOrder.Partition))
            .Add("store", new StorePlugin())
            .Add("print", new PrintPlugin()),
    };

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(Store)]
    [InlineData(Store + ", \"more\": { \"type\": \"store\", \"config\": { \"colours\": false }, \"lanes\": 4, \"ordering\": \"none\" }")]
    [InlineData("\"out\": { \"type\": \"store\", \"config\": { \"colours\": false }, \"onPoison\": \"deadLetter\" }")]
    [InlineData("\"out\": { \"type\": \"store\", \"config\": { \"colours\": false }, \"onPoison\": \"deadLetter\", \"deadLetters\": { \"sameKey\": \"park\" } }")]
    public void An_ordered_source_that_replays_and_sinks_that_store_positions_meet_it(string sinks)
    {
        var result = _fixture.Load(Config(Wal, sinks));

        Assert.Equal("", _fixture.Print(result));
        Assert.Equal(Requirement.EffectivelyOnce, Assert.Single(result.Config!.Pipelines).Require);
    }

    [Theory]
    [InlineData("group", "the source's positions have no order (any)", "or require \"at-least-once\"")]
    [InlineData("channel", "the source cannot send again what a crash interrupted (what is not kept)", "or require \"at-most-once\"")]
    [InlineData("tail", "the source cannot send again what a crash interrupted (what is not kept)", "or require \"at-least-once\"")]
    public void A_source_that_lacks_something_is_refused(string type, string reason, string remedy) => Refuses(
        Config($"\"db\": {{ \"type\": \"{type}\" }}", Store), $"from source \"db\" ({type}) to sink \"out\" (store): {reason}", remedy);

    [Theory]
    [InlineData("\"out\": { \"type\": \"print\" }", "to sink \"out\" (print): the sink, with these options, does not store positions")]
    [InlineData("\"out\": { \"type\": \"store\" }", "to sink \"out\" (store): the sink, with these options, does not store positions")]
    [InlineData(Store + ", \"other\": { \"type\": \"print\" }", "to sink \"other\" (print): the sink, with these options, does not store positions")]
    [InlineData(
        "\"out\": { \"type\": \"store\", \"config\": { \"colours\": false }, \"onPoison\": \"deadLetter\", \"deadLetters\": { \"sameKey\": \"continue\" } }",
        "to sink \"out\" (store): later events of a key are delivered past its dead letter")]
    public void A_sink_that_lacks_something_is_refused(string sinks, string reason) =>
        Refuses(Config(Wal, sinks), $"from source \"db\" (wal) {reason}", "or require \"at-least-once\"");

    [Fact]
    public void Every_pair_that_falls_short_is_named_with_all_that_it_lacks()
    {
        var result = _fixture.Load(Config(
            Wal + ", \"grp\": { \"type\": \"group\" }", Store + ", \"other\": { \"type\": \"print\" }"));

        Assert.Equal(2, result.ExitCode);
        var problems = result.Problems.Select(problem => problem.Message).ToArray();
        Assert.Equal(4, problems.Length);
        Assert.Contains("from source \"db\" (wal) to sink \"out\" (store): the pipeline has 2 sources", problems[0], StringComparison.Ordinal);
        Assert.DoesNotContain(";", problems[0][..problems[0].IndexOf("; or require", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Contains("from source \"db\" (wal) to sink \"other\" (print)", problems[1], StringComparison.Ordinal);
        Assert.Contains("from source \"grp\" (group) to sink \"out\" (store): the source's positions have no order", problems[2], StringComparison.Ordinal);
        Assert.Contains("; the pipeline has 2 sources", problems[2], StringComparison.Ordinal);
        Assert.Contains("from source \"grp\" (group) to sink \"other\" (print)", problems[3], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_required_is_not_checked() =>
        Assert.Equal("", _fixture.Print(_fixture.Load(Config("\"db\": { \"type\": \"group\" }", "\"out\": { \"type\": \"print\" }", "at-least-once"))));

    void Refuses(string config, params string[] parts)
    {
        var result = _fixture.Load(config);

        Assert.Equal(2, result.ExitCode);
        var problem = Assert.Single(result.Problems);
        Assert.Equal(("/pipelines/p/require", 3, 16), (problem.Pointer, problem.Line, problem.Column));
        Assert.StartsWith("\"effectively-once\" cannot be given ", problem.Message, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, problem.Message, StringComparison.Ordinal));
    }

    static string Config(string sources, string sinks, string require = "effectively-once") =>
        $$"""
        {
          "pipelines": { "p": {
            "require": "{{require}}",
            "sources": { {{sources}} },
            "sinks": { {{sinks}} }
          } }
        }
        """;
}
