using System.Text.Json;
using System.Text.Json.Nodes;

namespace Penstock.Host.Configuration;

/// <summary>
/// Refuses what the schema engine would silently ignore or stumble over, so that no rule a plugin states goes unenforced.
/// <c>const</c> is the exception: it becomes an <c>enum</c> of one.
/// </summary>
sealed class SchemaLint
{
    static readonly HashSet<string> Types = ["object", "array", "string", "integer", "number", "boolean", "null"];

    static readonly HashSet<string> Formats =
        ["base64", "byte", "date", "date-time", "email", "guid", "hostname", "ipv4", "ipv6", "time", "time-span", "uri", "uuid"];

    static readonly HashSet<string> Annotations =
        ["$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"];

    readonly List<string> _findings = [];
    readonly HashSet<JsonObject> _inside = [];
    readonly JsonObject _root;

    SchemaLint(JsonObject root) => _root = root;

    /// <exception cref="SchemaException">Every keyword that is at fault, with its pointer.</exception>
    public static void Check(JsonObject schema)
    {
        var lint = new SchemaLint(schema);
        lint.CheckSchema(schema, "");
        if (lint._findings.Count > 0)
        {
            throw new SchemaException(string.Join("; ", lint._findings));
        }
    }

    void CheckSchema(JsonNode? node, string pointer)
    {
        if (node is not JsonObject schema)
        {
            Report(pointer, "expected a schema object, found a boolean or another value; describe the type here");
            return;
        }

        if (!_inside.Add(schema))
        {
            Report(pointer, "the schema contains itself; a config is a tree of known depth");
            return;
        }

        RewriteConst(schema, pointer);
        foreach (var (keyword, value) in schema.ToArray())
        {
            CheckKeyword(schema, keyword, value, JsonPointer.Append(pointer, keyword));
        }

        _inside.Remove(schema);
    }

    void RewriteConst(JsonObject schema, string pointer)
    {
        if (!schema.TryGetPropertyValue("const", out var only))
        {
            return;
        }

        if (schema.ContainsKey("enum"))
        {
            Report(JsonPointer.Append(pointer, "const"), "\"const\" beside \"enum\"; keep one of them");
        }

        schema.Remove("const");
        schema["enum"] = new JsonArray(only?.DeepClone());
    }

    void CheckKeyword(JsonObject schema, string keyword, JsonNode? value, string pointer)
    {
        switch (keyword)
        {
            case "type":
                Expect((value is JsonArray several ? several : [value?.DeepClone()]).All(IsType), pointer, $"the name of a JSON type: {string.Join(", ", Types)}");
                break;
            case "format":
                Expect(value.AsText() is { } format && Formats.Contains(format), pointer, $"one of {string.Join(", ", Formats)}");
                break;
            case "pattern":
                Expect(IsRegex(value.AsText()), pointer, "a regular expression");
                break;
            case "enum":
                Expect(value is JsonArray { Count: > 0 }, pointer, "an array of values");
                break;
            case "required":
                Expect(value is JsonArray names && names.All(n => n.AsText() is not null), pointer, "an array of names");
                break;
            case "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf":
                Expect(value?.GetValueKind() == JsonValueKind.Number, pointer, "a number");
                break;
            case "minLength" or "maxLength" or "minItems" or "maxItems" or "minProperties" or "maxProperties":
                Expect(value is JsonValue count && count.TryGetValue(out int n) && n >= 0, pointer, "a whole number of at least 0");
                break;
            case "uniqueItems":
                Expect(value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False, pointer, "true or false");
                break;
            case "properties" or "patternProperties" or "definitions" or "$defs":
                CheckMembers(keyword, value, pointer);
                break;
            case "additionalProperties" when value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False:
                break;
            case "additionalProperties" or "items" or "not":
                CheckSchema(value, pointer);
                break;
            case "anyOf" or "oneOf" or "allOf":
                CheckBranches(value, pointer);
                break;
            case "$ref":
                CheckReference(schema, value, pointer);
                break;
            default:
                if (!Annotations.Contains(keyword) && !keyword.StartsWith("x-", StringComparison.Ordinal))
                {
                    Report(pointer, $"keyword \"{keyword}\" is not enforced; say it with other keywords or check it in Validate");
                }

                break;
        }
    }

    void CheckMembers(string keyword, JsonNode? value, string pointer)
    {
        if (value is not JsonObject members)
        {
            Expect(false, pointer, "an object of schemas");
            return;
        }

        foreach (var (name, member) in members.ToArray())
        {
            var at = JsonPointer.Append(pointer, name);
            Expect(keyword != "patternProperties" || IsRegex(name), at, "a regular expression");
            CheckSchema(member, at);
        }
    }

    void CheckBranches(JsonNode? value, string pointer)
    {
        Expect(value is JsonArray { Count: > 0 }, pointer, "an array of schemas");
        foreach (var (index, branch) in (value as JsonArray ?? []).ToArray().Index())
        {
            CheckSchema(branch, JsonPointer.Append(pointer, index));
        }
    }

    void CheckReference(JsonObject schema, JsonNode? value, string pointer)
    {
        var target = SchemaReference.Resolve(_root, value.AsText());
        if (target is null)
        {
            Report(pointer, $"expected a reference into the same schema (\"#/definitions/...\"), found {value?.ToJsonString()}");
            return;
        }

        var beside = schema.Select(k => k.Key).FirstOrDefault(k => k is not ("$ref" or "definitions" or "$defs") && !Annotations.Contains(k));
        if (beside is not null)
        {
            Report(pointer, $"keyword \"{beside}\" beside \"$ref\" is not enforced; move it into what is referred to");
        }

        CheckSchema(target, pointer);
    }

    static bool IsType(JsonNode? name) => name.AsText() is { } text && Types.Contains(text);

    static bool IsRegex(string? pattern)
    {
        try
        {
            return pattern is not null && new System.Text.RegularExpressions.Regex(pattern) is not null;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    void Expect(bool holds, string pointer, string expected)
    {
        if (!holds)
        {
            Report(pointer, $"expected {expected}");
        }
    }

    void Report(string pointer, string finding) => _findings.Add($"{(pointer.Length == 0 ? "/" : pointer)}: {finding}");
}
