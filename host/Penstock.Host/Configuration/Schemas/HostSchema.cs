using System.Text.Json.Nodes;

namespace Penstock.Host.Configuration;

/// <summary>The host's own part of the config file; plugin configs are plain objects in it.</summary>
static class HostSchema
{
    static readonly Lazy<(JsonObject Json, ISchemaEngine Engine)> Compiled = new(() =>
    {
        var schema = OptionsSchema.Of(typeof(HostSection));
        SchemaLint.Check(schema);
        return (schema, NJsonSchemaEngine.Compile(schema.ToJsonString()));
    });

    public static JsonObject Json => Compiled.Value.Json;

    public static ISchemaEngine Engine => Compiled.Value.Engine;
}
