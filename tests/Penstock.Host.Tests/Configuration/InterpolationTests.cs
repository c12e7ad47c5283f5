using Penstock.Host.Configuration;

namespace Penstock.Host.Tests.Configuration;

public sealed class InterpolationTests : IDisposable
{
    readonly ConfigFixture _fixture = new() { Environment = { ["HOST"] = "db1", ["COUNT"] = "17", ["EMPTY"] = "", ["YES"] = "true", ["JSON"] = "\", \"x\": \"" } };

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("${env:HOST}", "db1")]
    [InlineData("tcp://${env:HOST}:${env:COUNT}/", "tcp://db1:17/")]
    [InlineData("${env:NONE:-other}", "other")]
    [InlineData("${env:NONE:-}x", "x")]
    [InlineData("${env:EMPTY:-other}", "other")]
    [InlineData("x${env:EMPTY}", "x")]
    [InlineData("${env:HOST:-other}", "db1")]
    [InlineData("$${env:HOST}", "${env:HOST}")]
    [InlineData("$${${env:HOST}}", "${db1}")]
    [InlineData("a $ b } {c} $$", "a $ b } {c} $$")]
    [InlineData("${env:JSON}", "\", \"x\": \"")]
    [InlineData("${env:COUNT}", "17")]
    [InlineData("${file:secret.txt}", "from a file")]
    [InlineData("<${file:./more/../secret.txt}>", "<from a file>")]
    [InlineData("${file:crlf.txt}", "two\r\nlines")]
    public void A_reference_becomes_its_value(string text, string expected)
    {
        _fixture.Write("secret.txt", "from a file\n");
        _fixture.Write("crlf.txt", "two\r\nlines\r\n");

        var options = Load("\"connection\": \"here:1\"", $"\"connection\": \"{text}\"");

        Assert.Equal(expected, options.Connection);
    }

    [Fact]
    public void An_absolute_path_is_read_as_it_is()
    {
        var path = _fixture.Write("absolute.txt", "value");

        Assert.Equal("value", Load("\"connection\": \"here:1\"", $"\"connection\": \"${{file:{path}}}\"").Connection);
    }

    [Fact]
    public void A_whole_reference_is_a_number_or_a_boolean_where_the_schema_says_so()
    {
        _fixture.Environment["RATIO"] = "0.25";

        var options = Load("\"count\": 10", "\"count\": \"${env:COUNT}\", \"trim\": \"${env:YES}\", \"ratio\": \"${env:RATIO}\", \"key\": \"${env:YES}\"");

        Assert.Equal((17, true, 0.25, "true"), (options.Count, options.Trim, options.Ratio, options.Key));
    }

    [Fact]
    public void References_work_in_the_hosts_own_options()
    {
        var result = _fixture.Load(ConfigFixture.Good
            .Replace("\"./data\"", "\"./${env:HOST}\"", StringComparison.Ordinal)
            .Replace("\"lanes\": 2", "\"lanes\": \"${env:LANES:-3}\"", StringComparison.Ordinal));

        Assert.Empty(result.Problems);
        Assert.Equal(Path.Combine(_fixture.Folder, "db1"), result.Config!.StateDirectory);
        Assert.Equal(3, result.Config.Pipelines[0].Sinks[0].Lanes);
    }

    [Fact]
    public void Keys_and_the_schema_line_are_not_touched()
    {
        var options = Load("\"count\": 10", "\"weights\": { \"${env:HOST}\": 1 }");

        Assert.Equal(["${env:HOST}"], options.Weights.Keys);
        Assert.Empty(_fixture.Load(ConfigFixture.Good.Replace("./penstock.schema.json", "./plain.json", StringComparison.Ordinal)).Problems);
    }

    [Theory]
    [InlineData("${env:NONE}", "environment variable NONE is not set")]
    [InlineData("${env:}", "the name of an environment variable has letters")]
    [InlineData("${env:A B}", "the name of an environment variable has letters")]
    [InlineData("${vault:x}", "unknown kind of reference; expected ${env:NAME}, ${env:NAME:-default} or ${file:PATH}; write $${ for a plain ${")]
    [InlineData("${HOST}", "unknown kind of reference")]
    [InlineData("${}", "unknown kind of reference")]
    [InlineData("${env:HOST", "a reference lacks its closing brace")]
    [InlineData("${file:}", "a file reference lacks its path")]
    [InlineData("${file:nothing}", "/nothing\" does not exist")]
    [InlineData("${file:more}", "/more\" cannot be read")]
    [InlineData("${file:large}", "/large\" is larger than 64KiB")]
    [InlineData("${file:binary}", "/binary\" holds bytes that are not UTF-8 text")]
    public void A_reference_without_a_value_is_a_problem(string text, string message)
    {
        _fixture.Write("large", new string('x', (1 << 16) + 1));
        File.WriteAllBytes(Path.Combine(_fixture.Folder, "binary"), [0xFF]);

        var result = _fixture.Load(ConfigFixture.Good.Replace("here:1", text, StringComparison.Ordinal));

        var problem = Assert.Single(result.Problems);
        Assert.Equal((13, 37, "/pipelines/orders/sources/db/config/connection"), (problem.Line, problem.Column, problem.Pointer));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal(ConfigProblemKind.Config, problem.Kind);
    }

    [Fact]
    public void Two_references_without_a_value_are_two_problems()
    {
        var result = _fixture.Load(ConfigFixture.Good.Replace("here:1", "${env:A1}:${env:A2}", StringComparison.Ordinal));

        Assert.Equal(2, result.Problems.Count);
    }

    [Theory]
    [InlineData("\"count\": \"${env:HOST}\"", "expected an integer, found ***")]
    [InlineData("\"count\": \"${env:COUNT}0000\"", "expected an integer, found ***")]
    [InlineData("\"trim\": \"${env:COUNT}\"", "expected true or false, found ***")]
    [InlineData("\"count\": \"${env:BIG}\"", "*** has more digits than 64 bits hold")]
    [InlineData("\"count\": \"${env:MANY}\"", "*** is above the maximum 1000")]
    public void A_value_that_does_not_fit_is_not_shown(string option, string message)
    {
        _fixture.Environment["BIG"] = "99999999999999999999";
        _fixture.Environment["MANY"] = "1001";

        var result = _fixture.Load(ConfigFixture.Good.Replace("\"count\": 10", option, StringComparison.Ordinal));

        Assert.Equal(message, Assert.Single(result.Problems).Message);
    }

    [Fact]
    public void Without_the_plugin_references_are_checked_all_the_same()
    {
        var result = _fixture.Load(ConfigFixture.Good
            .Replace("\"type\": \"stream\"", "\"type\": \"crashed\"", StringComparison.Ordinal)
            .Replace("here:1", "${env:NONE}", StringComparison.Ordinal));

        Assert.Equal([ConfigProblemKind.Plugin, ConfigProblemKind.Config], result.Problems.Select(p => p.Kind));
    }

    StreamOptions Load(string find, string replacement)
    {
        var result = _fixture.Load(ConfigFixture.Good.Replace(find, replacement, StringComparison.Ordinal));
        Assert.Empty(result.Problems);
        return Assert.IsType<StreamOptions>(result.Config!.Pipelines[0].Sources[0].Options);
    }
}
