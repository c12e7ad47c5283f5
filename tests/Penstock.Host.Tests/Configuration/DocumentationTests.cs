using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Penstock.Host.Configuration;

namespace Penstock.Host.Tests.Configuration;

/// <summary>docs/configuration.md says what the code does.</summary>
public sealed class DocumentationTests
{
    static readonly string Page = File.ReadAllText(Path.Combine(Repository(), "docs", "configuration.md"));

    [Fact]
    public void The_example_is_a_valid_config()
    {
        var example = Page.Split("```json\n")[1].Split("```")[0].Replace("${file:/run/secrets/redis}", "${file:redis}", StringComparison.Ordinal);
        using var fixture = new ConfigFixture
        {
            Environment = { ["SHOP_PASSWORD"] = "x" },
            Catalog = new TestCatalog().Add("postgres-wal", new AnySource()).Add("redis-streams", new SchemaPlugin<JsonObject>("""{ "type": "object" }""")),
        };
        Directory.CreateDirectory(Path.Combine(fixture.Folder, "plugins"));
        fixture.Write("redis", "y");

        var result = fixture.Load(example);

        Assert.Equal("", fixture.Print(result));
        Assert.Equal("orders", Assert.Single(result.Config!.Pipelines).Name);
    }

    [Fact]
    public void Every_option_of_the_host_is_on_the_page_with_its_default()
    {
        foreach (var (option, schema) in Options(HostSchema.Json, ""))
        {
            var row = Page.Split('\n').FirstOrDefault(line => line.StartsWith($"| `{option}` |", StringComparison.Ordinal));
            if (schema["properties"] is not null || option is "type" or "config")
            {
                continue;
            }

            Assert.True(row is not null, $"no row for {option}");
            if (schema["default"] is { } value)
            {
                Assert.Contains($"| `{value.ToJsonString()}` |", row, StringComparison.Ordinal);
            }
        }
    }

    // Options of the file, of a pipeline and of a source or sink are named from there on.
    static IEnumerable<(string Option, JsonObject Schema)> Options(JsonNode schema, string prefix) =>
        from property in schema["properties"]?.AsObject() ?? []
        let option = prefix + property.Key
        let own = property.Value!.AsObject()
        let values = own["patternProperties"]?.AsObject().Single().Value
        from each in Options(values ?? own, values is null ? $"{option}." : "").Prepend((Option: option, Schema: own))
        select each;

    static string Repository([CallerFilePath] string file = "") => Path.GetFullPath("../../..", Path.GetDirectoryName(file)!);

    sealed class AnySource : SourcePlugin<JsonObject>
    {
        public override string Summary => "Any.";

        public override string? Schema => """{ "type": "object" }""";

        public override IReadOnlyList<SourceTraits> Modes =>
        [
            new()
            {
                Guarantee = DeliveryGuarantee.AtLeastOnce, CanReplay = true, PositionOrder = PositionOrder.Partition, Loss = "nothing", Order = "commit order",
            },
        ];

        public override IChangeSource Create(JsonObject options, SourceContext context) => throw new InvalidOperationException("validation creates nothing");
    }
}
