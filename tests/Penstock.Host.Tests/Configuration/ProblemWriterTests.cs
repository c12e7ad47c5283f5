using System.Text;
using Penstock.Host.Configuration;

namespace Penstock.Host.Tests.Configuration;

public sealed class ProblemWriterTests
{
    static readonly ConfigProblem[] Problems =
    [
        new("penstock.json", 3, 7, "/state", "expected \"a\", found an object", ConfigProblemKind.Config),
        new("penstock.json", 9, 1, "/pipelines/p/sinks/s/type", "no plugin provides sink \"ä\"", ConfigProblemKind.Plugin) { Pipeline = "p", Plugin = "x 1.0.0" },
    ];

    [Fact]
    public void People_read_two_lines_per_problem()
    {
        using var output = new StringWriter();
        ProblemWriter.WriteText(Problems, output);

        Assert.Equal(
            """
            penstock.json:3:7 /state
              expected "a", found an object
            penstock.json:9:1 /pipelines/p/sinks/s/type
              no plugin provides sink "ä" [x 1.0.0]

            """,
            output.ToString());
    }

    [Fact]
    public void Programs_read_an_array()
    {
        using var output = new MemoryStream();
        ProblemWriter.WriteJson(Problems, output);

        Assert.Equal(
            """
            [
              {
                "file": "penstock.json",
                "line": 3,
                "column": 7,
                "pointer": "/state",
                "message": "expected \"a\", found an object",
                "kind": "config",
                "pipeline": null,
                "plugin": null
              },
              {
                "file": "penstock.json",
                "line": 9,
                "column": 1,
                "pointer": "/pipelines/p/sinks/s/type",
                "message": "no plugin provides sink \"ä\"",
                "kind": "plugin",
                "pipeline": "p",
                "plugin": "x 1.0.0"
              }
            ]
            """,
            Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public void Control_characters_never_reach_a_terminal()
    {
        using var fixture = new ConfigFixture();
        var result = fixture.Load("{ \"\\u001b[31m\\u009b\": 1, \"pipelines\": {} }");

        Assert.StartsWith("unknown property \"\\u001B[31m\\u009B\"", result.Problems[0].Message, StringComparison.Ordinal);
    }
}
