using System.Text;
using System.Text.Json.Nodes;
using Penstock.Host.Configuration;
using Penstock.Host.Plugins;

namespace Penstock.Host.Tests.Configuration;

public sealed class SchemaBundleTests
{
    static readonly string[] WithoutDefault = ["$schema", "require", "type", "pipelines", "sources", "sinks", "plugins", "state", "admin", "listen", "token", "batch", "retry", "inFlight", "deadLetters"];

    [Fact]
    public void It_is_draft_07_and_closed()
    {
        var (bundle, _) = Write(TestCatalog.Usual());

        Assert.Equal("http://json-schema.org/draft-07/schema#", (string?)bundle["$schema"]);
        Assert.Equal("false", bundle["additionalProperties"]!.ToJsonString());
        Assert.Equal(["sink.print", "sink.shape", "source.stream"], bundle["definitions"]!.AsObject().Select(d => d.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_option_of_the_host_has_a_description_and_every_optional_value_a_default()
    {
        var (bundle, _) = Write(TestCatalog.Usual());

        var options = Options(bundle).ToArray();
        Assert.Equal(36, options.Length);
        Assert.All(options, option =>
        {
            Assert.True(option.Schema.ContainsKey("description"), $"{option.Name} has no description");
            var inherits = option.Name == "ordering" && !option.Schema.ContainsKey("default");
            Assert.True(inherits || option.Schema.ContainsKey("default") != WithoutDefault.Contains(option.Name), $"{option.Name} has no default");
        });
    }

    [Theory]
    [InlineData("""{ "type": "stream", "config": { "connection": "c", "count": 5 } }""", true)]
    [InlineData("""{ "type": "stream", "config": { "connection": "c", "count": 0 } }""", false)]
    [InlineData("""{ "type": "stream" }""", false)]
    [InlineData("""{ "type": "other" }""", false)]
    public void The_type_chooses_the_schema_of_its_config(string section, bool isValid)
    {
        var (bundle, _) = Write(TestCatalog.Usual());

        Assert.Equal(isValid, IsValid(bundle, Values(bundle["properties"]!["pipelines"]!)["properties"]!["sources"]!, section));
    }

    [Fact]
    public void A_plugin_without_required_options_needs_no_config()
    {
        var (bundle, _) = Write(TestCatalog.Usual());

        Assert.True(IsValid(bundle, Values(bundle["properties"]!["pipelines"]!)["properties"]!["sinks"]!, """{ "type": "print" }"""));
    }

    [Fact]
    public void References_lead_into_the_bundle()
    {
        var (bundle, _) = Write(TestCatalog.Usual());

        var references = Descend(bundle).Select(o => o["$ref"].AsText()).OfType<string>().ToArray();
        Assert.Contains("#/definitions/sink.shape/definitions/path", references);
        Assert.All(references, reference => Assert.IsType<JsonObject>(SchemaReference.Resolve(bundle, reference)));
    }

    [Fact]
    public void A_source_and_a_sink_of_one_name_have_a_schema_each()
    {
        var (bundle, problems) = Write(new TestCatalog().Add("both", new StreamPlugin()).Add("both", new PrintPlugin()));

        Assert.Empty(problems);
        Assert.NotNull(bundle["definitions"]!["source.both"]!["properties"]!["connection"]);
        Assert.NotNull(bundle["definitions"]!["sink.both"]!["properties"]!["colours"]);
        Assert.Equal("Prints.", (string?)bundle["definitions"]!["sink.both"]!["description"]);
    }

    [Fact]
    public void Plugins_that_are_left_out_are_named()
    {
        var (bundle, problems) = Write(TestCatalog.Usual().Add("odd", new SchemaPlugin<PrintOptions>("""{ "if": {} }""")));

        Assert.Equal(["/plugins/crashed/crashed.dll", "/plugins/odd/odd.dll"], problems.Select(p => p.File));
        Assert.False(bundle["definitions"]!.AsObject().ContainsKey("sink.odd"));
    }

    [Fact]
    public void Without_plugins_the_hosts_part_is_there()
    {
        var (bundle, problems) = Write(new TestCatalog());

        Assert.Empty(problems);
        Assert.NotNull(bundle["properties"]!["pipelines"]);
    }

    static (JsonObject Bundle, IReadOnlyList<PluginProblem> Problems) Write(TestCatalog catalog)
    {
        using var output = new MemoryStream();
        var problems = SchemaBundle.Write(catalog, output);
        return (JsonNode.Parse(output.ToArray())!.AsObject(), problems);
    }

    // As an editor does: the section's own rules, then those of the branch whose "if" holds.
    static bool IsValid(JsonObject bundle, JsonNode dictionary, string text)
    {
        var section = Values(dictionary).DeepClone().AsObject();
        var value = JsonNode.Parse(text)!;
        var branches = section["allOf"]!.AsArray().Select(b => b!.DeepClone()).ToArray();
        section.Remove("allOf");
        var chosen = branches.Where(b => (string?)b["if"]!["properties"]!["type"]!["const"] == (string?)value["type"]).Select(b => b["then"]!.DeepClone());
        var schema = new JsonObject
        {
            ["allOf"] = new JsonArray([section, .. chosen]),
            ["definitions"] = bundle["definitions"]!.DeepClone(),
        };
        var node = ConfigDocument.Parse(Encoding.UTF8.GetBytes(text), new ProblemScope("f", []))!;
        return NJsonSchemaEngine.Compile(schema).Validate(node).Count == 0;
    }

    static JsonObject Values(JsonNode dictionary) => dictionary["patternProperties"]!.AsObject().Single().Value!.AsObject();

    static IEnumerable<(string Name, JsonObject Schema)> Options(JsonObject bundle) =>
        Descend(bundle, "allOf", "definitions").SelectMany(o => o["properties"] as JsonObject ?? []).Select(p => (p.Key, p.Value!.AsObject()));

    static IEnumerable<JsonObject> Descend(JsonNode? node, params string[] except) => node switch
    {
        JsonObject schema => schema.Where(k => !except.Contains(k.Key)).SelectMany(k => Descend(k.Value, except)).Prepend(schema),
        JsonArray array => array.SelectMany(item => Descend(item, except)),
        _ => [],
    };
}
