namespace Penstock.Host.Tests.Configuration;

public sealed class ManyMistakesTests : IDisposable
{
    readonly ConfigFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Five_different_mistakes_are_five_problems_in_the_order_of_the_file()
    {
        var result = _fixture.Load("""
            {
              "state": { "checkpointInterval": "often" },
              "pipelines": {
                "orders": {
                  "require": "at-least-once",
                  "sources": {
                    "db": { "type": "stream", "config": { "connection": "${env:NOWHERE}", "batchh": 1, "count": 99999 } }
                  },
                  "sinks": {
                    "out": { "type": "redis-stream" }
                  }
                }
              }
            }
            """);

        Assert.Equal(
            """
            penstock.json:2:36 /state/checkpointInterval
              expected a duration such as "250ms", "5s", "10m" or "1h", found "often"
            penstock.json:7:61 /pipelines/orders/sources/db/config/connection
              environment variable NOWHERE is not set; set it, or give a default: ${env:NOWHERE:-default} [stream 1.2.0]
            penstock.json:7:79 /pipelines/orders/sources/db/config/batchh
              unknown property "batchh"; known are block, buffer, connection, count, key, mode, password, ratio, retries, streams, tls, trim, weights [stream 1.2.0]
            penstock.json:7:101 /pipelines/orders/sources/db/config/count
              99999 is above the maximum 1000 [stream 1.2.0]
            penstock.json:10:26 /pipelines/orders/sinks/out/type
              no plugin provides sink "redis-stream"; installed: print, shape
            """,
            _fixture.Print(result));
        Assert.Equal(2, result.ExitCode);
        Assert.Null(result.Config);
    }

    [Fact]
    public void The_host_and_every_plugin_report_in_one_run()
    {
        var result = _fixture.Load(ConfigFixture.Good
            .Replace("\"lanes\": 2", "\"lanes\": 0", StringComparison.Ordinal)
            .Replace("\"count\": 10", "\"count\": 0", StringComparison.Ordinal)
            .Replace("\"colours\": false", "\"colours\": 1", StringComparison.Ordinal));

        Assert.Equal(
            [("orders", 13, 56), ("orders", 21, 34), ("orders", 22, 20)],
            result.Problems.Select(p => (p.Pipeline, p.Line, p.Column)));
        Assert.Equal(["stream 1.2.0", "print 1.2.0", null], result.Problems.Select(p => p.Plugin));
    }

    [Fact]
    public void An_empty_config_lacks_its_pipelines()
    {
        Assert.Equal("penstock.json:1:1 /\n  required property \"pipelines\" is missing", _fixture.Print(_fixture.Load("{}")));
    }

    [Theory]
    [InlineData("{ \"pipelines\": {} }", "penstock.json:1:16 /pipelines\n  expected at least 1 entry, found an object")]
    [InlineData("{ \"pipelines\": { \"p\": 3 } }", "penstock.json:1:23 /pipelines/p\n  expected an object, found 3")]
    [InlineData("[]", "penstock.json:1:1 /\n  expected an object, found an array")]
    [InlineData("", "penstock.json:1:1 /\n  invalid JSON: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.")]
    [InlineData("{} {}", "penstock.json:1:4 /\n  invalid JSON: '{' is invalid after a single JSON value. Expected end of data.")]
    public void A_config_that_is_hardly_one_has_one_problem(string text, string expected)
    {
        var result = _fixture.Load(text);

        Assert.Equal(expected, _fixture.Print(result));
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public void A_pipeline_needs_a_source_and_a_sink()
    {
        var result = _fixture.Load("""{ "pipelines": { "p": { "sources": {} } } }""");

        Assert.Equal(
            """
            penstock.json:1:23 /pipelines/p
              required property "sinks" is missing
            penstock.json:1:36 /pipelines/p/sources
              expected at least 1 entry, found an object
            """,
            _fixture.Print(result));
    }

    [Fact]
    public void A_file_that_is_missing_too_large_too_deep_or_no_text_is_one_problem()
    {
        Assert.Equal("nowhere.json:1:1 /\n  the file does not exist; name it with -c FILE", _fixture.Print(_fixture.LoadFile("nowhere.json")));
        Assert.Contains("larger than 1MiB", _fixture.Print(_fixture.Load(new string(' ', (1 << 20) + 1))), StringComparison.Ordinal);
        Assert.Contains("nested deeper than 64", _fixture.Print(_fixture.Load(new string('[', 65))), StringComparison.Ordinal);
        Assert.Contains("the file cannot be read", _fixture.Print(_fixture.LoadFile("more")), StringComparison.Ordinal);

        File.WriteAllBytes(Path.Combine(_fixture.Folder, "latin1.json"), [.. "{\n \"é"u8, 0xE9, .. "\": 1}"u8]);
        Assert.Equal("latin1.json:2:4 /\n  expected UTF-8 text, found a byte that is not; save the file as UTF-8", _fixture.Print(_fixture.LoadFile("latin1.json")));
    }

    [Fact]
    public void Columns_count_characters_not_bytes()
    {
        var result = _fixture.Load("""{ /* größe 😀 */ "pipelinez": 1, "pipelines": 1 }""");

        Assert.Equal([(1, 18), (1, 47)], result.Problems.Select(p => (p.Line, p.Column)));
    }
}
