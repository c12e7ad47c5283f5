using System.Buffers;
using System.Text.Json;

namespace Penstock.Host.Configuration;

/// <summary>Writes a value, interpolated, as plain JSON for the deserialiser.</summary>
static class NodeJson
{
    public static ReadOnlySpan<byte> Write(ConfigNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        Write(node, writer);
        writer.Flush();
        return buffer.WrittenSpan;
    }

    static void Write(ConfigNode node, Utf8JsonWriter writer)
    {
        if (node.Name is not null && writer.CurrentDepth > 0)
        {
            writer.WritePropertyName(node.Name);
        }

        switch (node.Kind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                WriteChildren(node, writer);
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                WriteChildren(node, writer);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(node.Text);
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(node.Text);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBooleanValue(node.Kind == JsonValueKind.True);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    static void WriteChildren(ConfigNode node, Utf8JsonWriter writer)
    {
        foreach (var child in node.Children)
        {
            Write(child, writer);
        }
    }
}
