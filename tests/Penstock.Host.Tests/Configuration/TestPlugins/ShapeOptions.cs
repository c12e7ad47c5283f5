using System.Text.Json.Nodes;

namespace Penstock.Host.Tests.Configuration;

sealed class ShapeOptions
{
    public const string Schema = """
        {
          "$schema": "http://json-schema.org/draft-07/schema#",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "version": { "const": 2, "description": "The version." },
            "target": {
              "oneOf": [
                { "type": "object", "additionalProperties": false, "required": ["kind", "port"],
                  "properties": { "kind": { "enum": ["tcp"] }, "port": { "type": "integer" } } },
                { "type": "object", "additionalProperties": false, "required": ["kind", "path"],
                  "properties": { "kind": { "enum": ["unix"] }, "path": { "$ref": "#/definitions/path" } } }
              ]
            },
            "label": { "type": ["string", "integer"] },
            "token": { "type": "string", "minLength": 30 }
          },
          "definitions": { "path": { "type": "string", "pattern": "^/" } }
        }
        """;

    public int Version { get; init; } = 2;

    public JsonObject? Target { get; init; }

    public JsonNode? Label { get; init; }

    public Secret Token { get; init; }
}
