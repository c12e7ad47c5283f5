using System.Text.Json.Nodes;
using Penstock.Host.Configuration;

namespace Penstock.Host.Tests.Configuration;

public sealed class SchemaLintTests
{
    [Theory]
    [InlineData("""{ "if": {}, "type": "object" }""", "/if: keyword \"if\" is not enforced")]
    [InlineData("""{ "properties": { "a": { "then": {} } } }""", "/properties/a/then: keyword \"then\" is not enforced")]
    [InlineData("""{ "else": {} }""", "/else: keyword \"else\" is not enforced")]
    [InlineData("""{ "items": { "contains": {} } }""", "/items/contains: keyword \"contains\" is not enforced")]
    [InlineData("""{ "propertyNames": {} }""", "/propertyNames: keyword \"propertyNames\" is not enforced")]
    [InlineData("""{ "unevaluatedProperties": false }""", "/unevaluatedProperties: keyword \"unevaluatedProperties\" is not enforced")]
    [InlineData("""{ "dependentRequired": {} }""", "/dependentRequired: keyword \"dependentRequired\" is not enforced")]
    [InlineData("""{ "dependencies": {} }""", "/dependencies: keyword \"dependencies\" is not enforced")]
    [InlineData("""{ "prefixItems": [] }""", "/prefixItems: keyword \"prefixItems\" is not enforced")]
    [InlineData("""{ "minContains": 1 }""", "/minContains: keyword \"minContains\" is not enforced")]
    [InlineData("""{ "anyOf": [ {}, { "maximumm": 1 } ] }""", "/anyOf/1/maximumm: keyword \"maximumm\" is not enforced")]
    [InlineData("""{ "properties": { "a/b": true } }""", "/properties/a~1b: expected a schema object")]
    [InlineData("""{ "items": false }""", "/items: expected a schema object")]
    [InlineData("""{ "items": [ {} ] }""", "/items: expected a schema object")]
    [InlineData("""{ "not": true }""", "/not: expected a schema object")]
    [InlineData("""{ "allOf": [ true ] }""", "/allOf/0: expected a schema object")]
    [InlineData("""{ "oneOf": {} }""", "/oneOf: expected an array of schemas")]
    [InlineData("""{ "type": "int" }""", "/type: expected the name of a JSON type")]
    [InlineData("""{ "type": ["string", 3] }""", "/type: expected the name of a JSON type")]
    [InlineData("""{ "format": "password" }""", "/format: expected one of base64")]
    [InlineData("""{ "pattern": "(" }""", "/pattern: expected a regular expression")]
    [InlineData("""{ "patternProperties": { "(": {} } }""", "/patternProperties/(: expected a regular expression")]
    [InlineData("""{ "enum": [] }""", "/enum: expected an array of values")]
    [InlineData("""{ "const": 1, "enum": [1] }""", "/const: \"const\" beside \"enum\"")]
    [InlineData("""{ "required": true }""", "/required: expected an array of names")]
    [InlineData("""{ "minimum": "1" }""", "/minimum: expected a number")]
    [InlineData("""{ "exclusiveMinimum": true }""", "/exclusiveMinimum: expected a number")]
    [InlineData("""{ "minLength": -1 }""", "/minLength: expected a whole number")]
    [InlineData("""{ "uniqueItems": 1 }""", "/uniqueItems: expected true or false")]
    [InlineData("""{ "properties": [] }""", "/properties: expected an object of schemas")]
    [InlineData("""{ "$ref": "other.json" }""", "/$ref: expected a reference into the same schema")]
    [InlineData("""{ "$ref": "https://example.org/schema" }""", "/$ref: expected a reference into the same schema")]
    [InlineData("""{ "$ref": "#/definitions/none" }""", "/$ref: expected a reference into the same schema")]
    [InlineData("""{ "properties": { "a": { "$ref": "#" } } }""", "/properties/a/$ref: the schema contains itself")]
    [InlineData("""{ "allOf": [ { "$ref": "#/allOf/0" } ] }""", "/allOf/0/$ref: the schema contains itself")]
    [InlineData("""{ "properties": { "a": { "$ref": "#/definitions/b", "minLength": 3 } }, "definitions": { "b": {} } }""", "/properties/a/$ref: keyword \"minLength\" beside \"$ref\"")]
    public void What_would_not_be_enforced_is_refused(string schema, string finding)
    {
        var error = Assert.Throws<SchemaException>(() => SchemaLint.Check(JsonNode.Parse(schema)!.AsObject()));

        Assert.StartsWith(finding, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_findings_come_at_once()
    {
        var schema = JsonNode.Parse("""{ "if": {}, "properties": { "a": { "contains": {} } } }""")!.AsObject();

        var error = Assert.Throws<SchemaException>(() => SchemaLint.Check(schema));

        Assert.Contains("/if: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("; /properties/a/contains: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_constant_becomes_an_enumeration_of_one()
    {
        var schema = JsonNode.Parse("""{ "properties": { "a": { "const": { "x": 1 } } } }""")!.AsObject();

        SchemaLint.Check(schema);

        Assert.Equal("""{"properties":{"a":{"enum":[{"x":1}]}}}""", schema.ToJsonString());
    }

    [Theory]
    [InlineData("const", "if", "contains", "propertyNames", "unevaluatedProperties", "dependentRequired")]
    public void The_engine_does_ignore_what_the_lint_refuses(params string[] keywords)
    {
        // The reason for the lint: a value that breaks each of them passes.
        foreach (var keyword in keywords)
        {
            var rule = keyword switch
            {
                "const" => "1",
                "if" => "{}, \"then\": { \"required\": [\"b\"] }",
                "contains" or "propertyNames" => "{ \"type\": \"string\", \"pattern\": \"^z\" }",
                "dependentRequired" => "{ \"a\": [\"b\"] }",
                _ => "false",
            };
            var engine = NJsonSchemaEngine.Compile($"{{ \"{keyword}\": {rule} }}");

            Assert.Empty(engine.Validate(Parse("{ \"a\": 2 }")));
        }
    }

    [Fact]
    public void The_engine_enforces_what_the_lint_lets_pass()
    {
        const string Schema = """
            {
              "type": "object", "minProperties": 1, "maxProperties": 20, "required": ["need"], "additionalProperties": false,
              "patternProperties": { "^x-": { "type": "null" } },
              "properties": {
                "need": {}, "type": { "type": "string" }, "enum": { "enum": [1, "a"] }, "const": { "const": 5 }, "low": { "minimum": 2 }, "high": { "maximum": 2 },
                "above": { "exclusiveMinimum": 2 }, "below": { "exclusiveMaximum": 2 }, "multiple": { "multipleOf": 3 }, "short": { "minLength": 2 },
                "long": { "maxLength": 1 }, "pattern": { "pattern": "^a$" }, "few": { "minItems": 1 }, "many": { "maxItems": 1 },
                "unique": { "uniqueItems": true }, "items": { "items": { "type": "integer" } }, "not": { "not": { "type": "integer" } },
                "any": { "anyOf": [ { "type": "string" }, { "type": "null" } ] }, "one": { "oneOf": [ { "type": "string" }, { "minLength": 1 } ] },
                "all": { "allOf": [ { "type": "string" }, { "minLength": 3 } ] }, "ref": { "$ref": "#/definitions/d" }, "format": { "format": "uri" }
              },
              "definitions": { "d": { "type": "boolean" } }
            }
            """;
        var schema = JsonNode.Parse(Schema)!.AsObject();
        SchemaLint.Check(schema);

        var violations = NJsonSchemaEngine.Compile(schema.ToJsonString()).Validate(Parse("""
            {
              "x-1": 1, "type": 1, "enum": 2, "const": 6, "low": 1, "high": 3, "above": 2, "below": 2, "multiple": 4, "short": "a", "long": "ab", "pattern": "b",
              "few": [], "many": [1, 2], "unique": [1, 1], "items": ["a"], "not": 1, "any": 1, "one": "both", "all": "ab", "ref": 1, "format": ":"
            }
            """));

        Assert.Equal(
            ["", "/above", "/all", "/any", "/below", "/const", "/enum", "/few", "/format", "/high", "/items/0", "/long", "/low", "/many", "/multiple",
                "/not", "/one", "/pattern", "/ref", "/short", "/type", "/unique", "/x-1"],
            violations.Select(v => v.Node.Pointer).Order(StringComparer.Ordinal).Distinct());
        Assert.Contains(violations, v => v.Message == "expected at most 20 entries, found an object");
        Assert.Contains(violations, v => v.Message == "required property \"need\" is missing");
        Assert.All(violations, v => Assert.DoesNotContain("another value", v.Message, StringComparison.Ordinal));
    }

    static ConfigNode Parse(string text) => ConfigDocument.Parse(System.Text.Encoding.UTF8.GetBytes(text), new ProblemScope("f", []))!;
}
