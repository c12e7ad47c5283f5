using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Penstock.Host.Configuration;

/// <summary>
/// The JSON schema of an options class: names, types and <c>required</c> from System.Text.Json, and on top of that descriptions, limits,
/// defaults and the types the SDK adds.
/// </summary>
sealed class OptionsSchema
{
    // An options class without a parameterless constructor has no entry here: then its defaults are unknown.
    readonly Dictionary<Type, object?> _defaults = [];

    /// <exception cref="SchemaException">The class holds itself, or has something that no schema keyword can enforce.</exception>
    public static JsonObject Of(Type options)
    {
        var schema = new OptionsSchema();
        var exporter = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = schema.Transform };
        JsonNode node;
        try
        {
            node = OptionsJson.Options.GetJsonSchemaAsNode(options, exporter);
        }
        catch (NotSupportedException error)
        {
            throw new SchemaException($"no schema can be derived from {options.Name}: {error.Message}");
        }

        return node as JsonObject is { } root && root.ContainsKey("properties") | root["type"]?.ToString() == "object"
            ? root
            : throw new SchemaException($"{options.Name} is no class with properties");
    }

    JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (node is JsonObject reference && reference.ContainsKey("$ref"))
        {
            throw new SchemaException($"options classes must not contain themselves, found {type.Name} inside {type.Name}");
        }

        var schema = SdkType(type) ?? node as JsonObject;
        if (schema is null)
        {
            // True, "anything goes": the lint refuses it and names the place.
            return node;
        }

        RemoveNull(schema);
        RemoveReadOnly(schema, context.TypeInfo);
        if (context.PropertyInfo is { } property)
        {
            SchemaAttributes.Apply(schema, type, property);
            AddDefault(schema, type, property);
        }

        if (type.GetCustomAttribute<DescriptionAttribute>() is { } described && !schema.ContainsKey("description"))
        {
            schema["description"] = described.Description;
        }

        return schema;
    }

    static JsonObject? SdkType(Type type)
    {
        if (type == typeof(TimeSpan))
        {
            return new JsonObject { ["type"] = "string", ["pattern"] = Duration.Pattern, [SchemaKeywords.Unit] = "duration" };
        }

        if (type == typeof(ByteSize))
        {
            return new JsonObject { ["type"] = "string", ["pattern"] = ByteSize.Pattern, [SchemaKeywords.Unit] = "size" };
        }

        return type == typeof(Secret) ? new JsonObject { ["type"] = "string", ["writeOnly"] = true, [SchemaKeywords.Secret] = true } : null;
    }

    // An option that is not wanted is left out; there is no second way to say so.
    static void RemoveNull(JsonObject schema)
    {
        if (schema["type"] is JsonArray types)
        {
            var rest = types.Select(t => t!.GetValue<string>()).Where(t => t != "null").ToArray();
            schema["type"] = rest.Length == 1 ? rest[0] : new JsonArray([.. rest.Select(t => JsonValue.Create(t))]);
        }

        if (schema["enum"] is JsonArray values)
        {
            schema["type"] ??= "string";
            schema["enum"] = new JsonArray([.. values.Where(v => v is not null).Select(v => v!.DeepClone())]);
        }
    }

    static void RemoveReadOnly(JsonObject schema, JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(p => p.Set is null && p.AssociatedParameter is null))
        {
            (schema["properties"] as JsonObject)?.Remove(property.Name);
        }
    }

    void AddDefault(JsonObject schema, Type type, JsonPropertyInfo property)
    {
        if (property.IsRequired || type == typeof(Secret) || schema.ContainsKey("default"))
        {
            return;
        }

        var value = property.AttributeProvider?.GetCustomAttributes(typeof(DefaultValueAttribute), false) is [DefaultValueAttribute given]
            ? given.Value
            : Instance(property.DeclaringType) is { } instance && property.Get is { } get ? get(instance) : null;

        // The members of an object carry their own defaults; an enum value without a name means "not chosen".
        if (value is null || (type.IsEnum && !Enum.IsDefined(type, value)) || schema.ContainsKey("properties"))
        {
            return;
        }

        schema["default"] = JsonSerializer.SerializeToNode(value, value.GetType(), OptionsJson.Options);
    }

    // The activator runs no check for required members, which is what makes a half-empty instance possible.
    object? Instance(Type type)
    {
        if (!_defaults.TryGetValue(type, out var instance))
        {
            var constructor = type.IsAbstract ? null : type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []);
            instance = constructor?.Invoke([]);
            _defaults.Add(type, instance);
        }

        return instance;
    }
}
