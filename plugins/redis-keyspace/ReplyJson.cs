using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>
/// The value of a key as JSON: a list and a set as an array, a hash as an object, a sorted set as pairs of member and score, a stream as
/// pairs of id and fields.
/// </summary>
static class ReplyJson
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(ReadOnlySpan<byte> type, in RespValue reply)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        if (type.SequenceEqual("hash"u8))
        {
            WriteHash(json, reply.Items);
        }
        else
        {
            WriteArray(json, reply.Items);
        }

        json.Flush();
        return buffer.WrittenMemory;
    }

    // Names that are not UTF-8 cannot be names in JSON.
    static void WriteHash(Utf8JsonWriter json, ReadOnlySpan<RespValue> items)
    {
        var isObject = true;
        for (var i = 0; i < items.Length; i += 2)
        {
            isObject &= Utf8.IsValid(items[i].Span);
        }

        if (isObject)
        {
            json.WriteStartObject();
            for (var i = 0; i < items.Length; i += 2)
            {
                json.WritePropertyName(items[i].Span);
                Write(json, items[i + 1]);
            }

            json.WriteEndObject();
            return;
        }

        json.WriteStartArray();
        for (var i = 0; i < items.Length; i += 2)
        {
            WriteArray(json, items.Slice(i, 2));
        }

        json.WriteEndArray();
    }

    static void WriteArray(Utf8JsonWriter json, ReadOnlySpan<RespValue> items)
    {
        json.WriteStartArray();
        foreach (var item in items)
        {
            Write(json, item);
        }

        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, in RespValue value)
    {
        switch (value.Kind)
        {
            case RespKind.Array or RespKind.Set or RespKind.Map:
                WriteArray(json, value.Items);
                break;
            case RespKind.Double when double.IsFinite(value.AsDouble()):
                json.WriteNumberValue(value.AsDouble());
                break;
            case RespKind.Double:
                json.WriteStringValue(value.AsDouble() > 0 ? "inf"u8 : "-inf"u8);
                break;
            case RespKind.Integer:
                json.WriteNumberValue(value.AsInt64());
                break;
            case var _ when Utf8.IsValid(value.Span):
                json.WriteStringValue(value.Span);
                break;
            default:
                json.WriteStartObject();
                json.WriteBase64String("base64"u8, value.Span);
                json.WriteEndObject();
                break;
        }
    }
}
