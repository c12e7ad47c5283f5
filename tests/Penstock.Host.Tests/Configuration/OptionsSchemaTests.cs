using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Penstock.Host.Configuration;
using Penstock.Host.Plugins;

namespace Penstock.Host.Tests.Configuration;

public sealed class OptionsSchemaTests
{
    [Theory]
    [InlineData("connection", """{"type":"string","description":"Where the server is."}""")]
    [InlineData("password", """{"type":"string","writeOnly":true,"x-secret":true,"description":"The password."}""")]
    [InlineData("count", """{"type":"integer","description":"Entries per read.","minimum":1,"maximum":1000,"default":100}""")]
    [InlineData("block", """{"type":"string","pattern":"^[0-9]+(ms|s|m|h)$","x-unit":"duration","description":"Longest wait of a read.","x-minimum":"1ms","x-maximum":"1m","default":"5s"}""")]
    [InlineData("buffer", """{"type":"string","pattern":"^[0-9]+(B|KiB|MiB|GiB)$","x-unit":"size","description":"Read buffer.","default":"64KiB"}""")]
    [InlineData("mode", """{"enum":["consumerGroup","read"],"type":"string","description":"How to read.","default":"consumerGroup"}""")]
    [InlineData("trim", """{"type":"boolean","description":"Whether to trim.","default":false}""")]
    [InlineData("ratio", """{"type":"number","description":"A share.","default":0.5}""")]
    [InlineData("streams", """{"type":"array","items":{"type":"string"},"description":"The streams.","minItems":1,"maxItems":3,"default":["events"]}""")]
    [InlineData("key", """{"type":"string","description":"The key field.","pattern":"^(?:[a-z]+)$","minLength":2,"maxLength":8}""")]
    [InlineData("weights", """{"type":"object","additionalProperties":{"type":"integer"},"description":"Weights by stream.","default":{}}""")]
    public void An_option_becomes_a_schema(string option, string expected)
    {
        var actual = OptionsSchema.Of(typeof(StreamOptions))["properties"]![option];

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual?.ToJsonString());
    }

    [Fact]
    public void Objects_are_closed_and_name_what_they_need()
    {
        var schema = OptionsSchema.Of(typeof(StreamOptions));

        Assert.Equal("false", schema["additionalProperties"]!.ToJsonString());
        Assert.Equal("[\"connection\"]", schema["required"]!.ToJsonString());
        Assert.Equal("false", schema["properties"]!["tls"]!["additionalProperties"]!.ToJsonString());
        Assert.Equal("object", (string?)schema["properties"]!["tls"]!["type"]);
    }

    [Fact]
    public void Options_that_are_only_read_or_have_given_defaults_or_names()
    {
        var schema = OptionsSchema.Of(typeof(Given));

        Assert.Equal(["delay", "other-name", "chosen"], schema["properties"]!.AsObject().Select(p => p.Key));
        Assert.Equal("7s", (string?)schema["properties"]!["delay"]!["default"]);
        Assert.False(schema["properties"]!["chosen"]!.AsObject().ContainsKey("default"), "an enum value without a name is not a default");
    }

    [Fact]
    public void No_options_at_all_is_an_empty_object()
    {
        Assert.Equal("""{"type":"object","additionalProperties":false}""", OptionsSchema.Of(typeof(Nothing)).ToJsonString());
    }

    [Theory]
    [InlineData(typeof(Recursive), "options classes must not contain themselves")]
    [InlineData(typeof(Unenforced), "option \"mail\" has [EmailAddress], which cannot be enforced for String; check it in Validate instead")]
    [InlineData(typeof(Misplaced), "option \"name\" has [Range], which cannot be enforced for String")]
    [InlineData(typeof(List<string>), "is no class with properties")]
    public void What_no_schema_can_say_is_refused(Type options, string message)
    {
        Assert.Contains(message, Assert.Throws<SchemaException>(() => OptionsSchema.Of(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plugin_whose_options_cannot_be_enforced_is_a_problem_with_file_cause_and_remedy()
    {
        var (schema, problem) = PluginSchema.Read(Entry(new SchemaPlugin<Anything>(null)));

        Assert.Null(schema);
        Assert.Equal("/plugins/x.dll", problem!.File);
        Assert.Contains("the config schema of \"x\" cannot be enforced: /properties/what: expected a schema object", problem.Cause, StringComparison.Ordinal);
        Assert.Equal("correct the plugin", problem.Remedy);
    }

    [Theory]
    [InlineData("{", "it is no JSON")]
    [InlineData("[]", "expected an object")]
    [InlineData("""{ "type": "object", "type": "object" }""", "it is no JSON")]
    public void A_schema_that_is_no_schema_is_a_problem(string schema, string cause)
    {
        var (_, problem) = PluginSchema.Read(Entry(new SchemaPlugin<PrintOptions>(schema)));

        Assert.Contains(cause, problem!.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void An_options_class_that_throws_is_a_problem()
    {
        var (_, problem) = PluginSchema.Read(Entry(new SchemaPlugin<Throwing>(null)));

        Assert.Contains("threw InvalidOperationException while its config schema was read: not today", problem!.Cause, StringComparison.Ordinal);
    }

    static PluginEntry Entry(PluginDefinition definition) => new("x", "1.0.0", "/plugins/x.dll") { Definition = definition };

    enum Choice
    {
        First = 1,
    }

    sealed class Given
    {
        [DefaultValue("7s")]
        public TimeSpan Delay { get; init; }

        [JsonPropertyName("other-name")]
        public string? Renamed { get; init; }

        public Choice Chosen { get; init; }

        public string Computed => $"{Delay}";

        [JsonIgnore]
        public string? Ignored { get; init; }
    }

    sealed class Nothing;

    sealed class Recursive
    {
        public Recursive? Inner { get; init; }
    }

    sealed class Unenforced
    {
        [EmailAddress]
        public string? Mail { get; init; }
    }

    sealed class Misplaced
    {
        [Range(1, 2)]
        public string? Name { get; init; }
    }

    sealed class Anything
    {
        public object? What { get; init; }
    }

    sealed class Throwing
    {
        public Throwing() => throw new InvalidOperationException("not today");

        public int Value { get; init; }
    }
}
