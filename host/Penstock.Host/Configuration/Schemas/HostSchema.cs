using System.Text.Json.Nodes;

namespace Penstock.Host.Configuration;

/// <summary>The host's own part of the config file; plugin configs are plain objects in it.</summary>
static class HostSchema
{
    static readonly Lazy<(JsonObject Json, NJsonSchemaEngine Engine)> Compiled = new(() =>
    {
        var schema = OptionsSchema.Of(typeof(HostSection));
        SchemaLint.Check(schema);
        return (schema, NJsonSchemaEngine.Compile(schema));
    });

    public static JsonObject Json => Compiled.Value.Json;

    public static NJsonSchemaEngine Engine => Compiled.Value.Engine;
}
