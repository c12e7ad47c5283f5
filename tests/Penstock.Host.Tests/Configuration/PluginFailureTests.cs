using Penstock.Host.Configuration;
using Penstock.Host.Plugins;

namespace Penstock.Host.Tests.Configuration;

public sealed class PluginFailureTests
{
    const string TwoPipelines = """
        {
          "pipelines": {
            "good": { "sources": { "s": { "type": "stream", "config": { "connection": "c" } } }, "sinks": { "t": { "type": "print" } } },
            "bad": { "sources": { "s": { "type": "TYPE", "config": { "connection": "c", "retries": 13 } } }, "sinks": { "t": { "type": "print" } } }
          }
        }
        """;

    [Theory]
    [InlineData("crashed", "plugin \"crashed\" cannot be used: /plugins/crashed/crashed.dll: Some.Library is missing; publish the plugin again")]
    [InlineData("missing", "no plugin provides source \"missing\"; installed: stream")]
    [InlineData("stream", "the plugin threw InvalidOperationException while it checked its config: thirteen with ; correct the plugin")]
    public void A_plugin_that_is_missing_or_broken_takes_down_only_its_pipeline(string type, string message)
    {
        using var fixture = new ConfigFixture();
        var result = fixture.Load(TwoPipelines.Replace("TYPE", type, StringComparison.Ordinal));

        var problem = Assert.Single(result.Problems);
        Assert.Equal((ConfigProblemKind.Plugin, "bad", message), (problem.Kind, problem.Pipeline, problem.Message));
        Assert.Equal(3, result.ExitCode);
        Assert.Equal(["good"], result.Config!.Pipelines.Select(p => p.Name));
    }

    [Fact]
    public void A_mistake_beside_a_broken_plugin_stops_everything()
    {
        using var fixture = new ConfigFixture();
        var result = fixture.Load(TwoPipelines.Replace("TYPE", "missing\", \"tpye\": \"x", StringComparison.Ordinal));

        Assert.Equal([ConfigProblemKind.Plugin, ConfigProblemKind.Config], result.Problems.Select(p => p.Kind));
        Assert.Equal(2, result.ExitCode);
        Assert.Null(result.Config);
    }

    [Fact]
    public void When_no_plugin_works_the_config_is_empty_and_not_wrong()
    {
        using var fixture = new ConfigFixture { Catalog = new TestCatalog() };
        var result = fixture.Load(TwoPipelines);

        Assert.Equal(4, result.Problems.Count);
        Assert.All(result.Problems, p => Assert.Equal(ConfigProblemKind.Plugin, p.Kind));
        Assert.Contains("no source plugins are installed", result.Problems[0].Message, StringComparison.Ordinal);
        Assert.Empty(result.Config!.Pipelines);
        Assert.Equal(3, result.ExitCode);
    }

    [Fact]
    public void Files_that_were_refused_are_named_when_a_plugin_is_missing()
    {
        var refused = new PluginProblem("/plugins/x/x.dll", "expected an assembly, found text", "publish it again");
        using var fixture = new ConfigFixture { Catalog = new TestCatalog { Problems = [refused] } };
        var result = fixture.Load(TwoPipelines);

        Assert.EndsWith("; refused: /plugins/x/x.dll: expected an assembly, found text; publish it again", result.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_that_cannot_be_enforced_is_a_broken_plugin()
    {
        using var fixture = new ConfigFixture
        {
            Catalog = TestCatalog.Usual().Add("odd", new SchemaPlugin<PrintOptions>("""{ "type": "object", "if": {} }""")),
        };
        var result = fixture.Load(TwoPipelines.Replace("TYPE", "stream", StringComparison.Ordinal).Replace(", \"retries\": 13", "", StringComparison.Ordinal)
            .Replace("\"type\": \"print\" } } }\n  }", "\"type\": \"odd\" } } }\n  }", StringComparison.Ordinal));

        var problem = Assert.Single(result.Problems);
        Assert.Equal("/pipelines/bad/sinks/t/type", problem.Pointer);
        Assert.Contains("/plugins/odd/odd.dll: the config schema of \"odd\" cannot be enforced: /if: keyword \"if\" is not enforced", problem.Message, StringComparison.Ordinal);
        Assert.Equal(["good"], result.Config!.Pipelines.Select(p => p.Name));
    }
}
