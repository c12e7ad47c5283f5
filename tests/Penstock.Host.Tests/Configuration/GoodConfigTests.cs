using System.Net;
using Penstock.Host.Configuration;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Routing;

namespace Penstock.Host.Tests.Configuration;

public sealed class GoodConfigTests : IDisposable
{
    const string Smallest = """
        {"pipelines":{"p":{"sources":{"s":{"type":"stream","config":{"connection":"c"}}},"sinks":{"t":{"type":"print"}}}}}
        """;

    readonly ConfigFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Every_option_arrives()
    {
        var result = _fixture.Load(ConfigFixture.Good);

        Assert.Empty(result.Problems);
        Assert.Equal(0, result.ExitCode);
        var config = result.Config!;
        Assert.Equal(_fixture.Folder, config.Directory);
        Assert.Equal(Path.Combine(_fixture.Folder, "penstock.json"), config.File);
        Assert.Equal(Path.Combine(_fixture.Folder, "data"), config.StateDirectory);
        Assert.Equal(TimeSpan.FromMilliseconds(200), config.CheckpointInterval);
        Assert.Equal(
            (new IPEndPoint(IPAddress.Loopback, 9999), "sesame", TimeSpan.FromSeconds(7)),
            (config.Admin!.EndPoint, config.Admin.Token.Reveal(), config.Admin.StalledAfter));
        Assert.Equal([Path.Combine(_fixture.Folder, "more")], _fixture.Searched);
        var pipeline = Assert.Single(config.Pipelines);
        Assert.Equal(("orders", Requirement.AtLeastOnce), (pipeline.Name, pipeline.Require));
        var source = Assert.Single(pipeline.Sources);
        Assert.Equal(("db", "stream", 3), (source.Name, source.Type, source.Readers));
        Assert.IsType<StreamPlugin>(source.Definition);
        Assert.Equal(10, Assert.IsType<StreamOptions>(source.Options).Count);
        Assert.Equal((500, 2L << 20), (source.InFlight.MaxEvents, source.InFlight.MaxBytes.Bytes));
        var sink = Assert.Single(pipeline.Sinks);
        Assert.Equal(("out", "print", 2, Ordering.Source), (sink.Name, sink.Type, sink.Lanes, sink.Ordering));
        Assert.IsType<PrintPlugin>(sink.Definition);
        Assert.False(Assert.IsType<PrintOptions>(sink.Options).Colours);
        Assert.Equal((10, 1L << 20, TimeSpan.FromMilliseconds(1)), (sink.Batch.MaxEvents, sink.Batch.MaxBytes.Bytes, sink.Batch.MaxDelay));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)), (sink.Retry.InitialDelay, sink.Retry.MaxDelay));
        Assert.Equal((PoisonPolicy.DeadLetter, SameKeyPolicy.Continue), (sink.OnPoison, sink.DeadLetters.SameKey));
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var result = _fixture.Load(Smallest);

        Assert.Empty(result.Problems);
        var config = result.Config!;
        Assert.Equal(Path.Combine(_fixture.Folder, "state"), config.StateDirectory);
        Assert.Equal(TimeSpan.FromMilliseconds(100), config.CheckpointInterval);
        Assert.Null(config.Admin);
        Assert.Empty(_fixture.Searched!);
        var pipeline = Assert.Single(config.Pipelines);
        Assert.Null(pipeline.Require);
        var source = Assert.Single(pipeline.Sources);
        Assert.Equal((32_768, 64L << 20), (source.InFlight.MaxEvents, source.InFlight.MaxBytes.Bytes));
        var options = Assert.IsType<StreamOptions>(source.Options);
        Assert.Equal((100, TimeSpan.FromSeconds(5), StreamMode.ConsumerGroup), (options.Count, options.Block, options.Mode));
        Assert.True(options.Password.IsEmpty);
        Assert.Equal(["events"], options.Streams);
        var sink = Assert.Single(pipeline.Sinks);
        Assert.True(Assert.IsType<PrintOptions>(sink.Options).Colours);
        Assert.Equal((1, Ordering.Key), (sink.Lanes, sink.Ordering));
        Assert.Equal((1000, 4L << 20, TimeSpan.FromMilliseconds(5)), (sink.Batch.MaxEvents, sink.Batch.MaxBytes.Bytes, sink.Batch.MaxDelay));
        Assert.Equal((TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)), (sink.Retry.InitialDelay, sink.Retry.MaxDelay));
        Assert.Equal((PoisonPolicy.Halt, SameKeyPolicy.Park), (sink.OnPoison, sink.DeadLetters.SameKey));
    }

    [Theory]
    [InlineData("http://localhost:0", "127.0.0.1:0")]
    [InlineData("http://[::1]:9464/", "[::1]:9464")]
    [InlineData("http://127.0.0.1:${env:PORT:-1234}", "127.0.0.1:1234")]
    [InlineData("http://0.0.0.0", "0.0.0.0:80")]
    public void The_admin_address_is_an_address_and_a_port(string listen, string expected)
    {
        var result = _fixture.Load(ConfigFixture.Good.Replace("http://127.0.0.1:9999", listen, StringComparison.Ordinal));

        Assert.Equal("", _fixture.Print(result));
        Assert.Equal(expected, $"{result.Config!.Admin!.EndPoint}");
    }

    [Fact]
    public void A_sinks_ordering_wins_over_the_pipelines()
    {
        var result = _fixture.Load(ConfigFixture.Good.Replace("\"lanes\": 2", "\"ordering\": \"none\"", StringComparison.Ordinal));

        Assert.Equal(Ordering.None, Assert.Single(Assert.Single(result.Config!.Pipelines).Sinks).Ordering);
    }

    [Fact]
    public void A_schema_that_the_plugin_brings_is_used()
    {
        var result = _fixture.Load(ConfigFixture.Good
            .Replace("\"type\": \"print\"", "\"type\": \"shape\"", StringComparison.Ordinal)
            .Replace("\"colours\": false", "\"version\": 2, \"target\": {\"kind\": \"unix\", \"path\": \"/run/x\"}, \"label\": 7", StringComparison.Ordinal));

        Assert.Empty(result.Problems);
        var options = Assert.IsType<ShapeOptions>(Assert.Single(Assert.Single(result.Config!.Pipelines).Sinks).Options);
        Assert.Equal("/run/x", (string?)options.Target!["path"]);
    }

    [Fact]
    public void A_byte_order_mark_and_crlf_are_no_mistake()
    {
        var result = _fixture.Load("\uFEFF" + ConfigFixture.Good.ReplaceLineEndings("\r\n"));

        Assert.Empty(result.Problems);
        Assert.NotNull(result.Config);
    }
}
