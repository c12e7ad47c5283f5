using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Penstock;

/// <summary>Writes one field as JSON, from the bytes the source sent.</summary>
static class ValueJson
{
    const int OnStack = 256;

    public static void Write(Utf8JsonWriter json, Row row, int index)
    {
        if (row.GetState(index) != FieldState.Present)
        {
            json.WriteNullValue();
            return;
        }

        var value = row[index];
        switch (row.Schema[index].Type)
        {
            case FieldType.Boolean:
                json.WriteBooleanValue(value is [(byte)'t', ..]);
                break;
            case FieldType.Integer:
            case FieldType.Float when IsFinite(value):
                json.WriteRawValue(value, skipInputValidation: true);
                break;
            case FieldType.Json:
                WriteCompacted(json, value);
                break;
            case FieldType.Timestamp:
                WriteTimestamp(json, value, suffix: default);
                break;
            case FieldType.TimestampTz:
                WriteTimestamp(json, value, suffix: "Z"u8);
                break;
            case FieldType.HexBytes:
                WriteHexAsBase64(json, value);
                break;
            case FieldType.Bytes:
                json.WriteBase64StringValue(value);
                break;
            default:
                WriteText(json, value);
                break;
        }
    }

    /// <summary>Whether the field's JSON is base64: raw bytes, and text that is not UTF-8.</summary>
    public static bool IsBase64(Row row, int index) => row.Schema[index].Type switch
    {
        FieldType.HexBytes or FieldType.Bytes => true,
        FieldType.Text => !Utf8.IsValid(row[index]),
        _ => false,
    };

    public static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> value)
    {
        if (Utf8.IsValid(value))
        {
            json.WriteStringValue(value);
        }
        else
        {
            json.WriteBase64StringValue(value);
        }
    }

    public static void WriteTextOrBase64Object(Utf8JsonWriter json, ReadOnlySpan<byte> value)
    {
        if (Utf8.IsValid(value))
        {
            json.WriteStringValue(value);
            return;
        }

        json.WriteStartObject();
        json.WriteBase64String(Names.Base64, value);
        json.WriteEndObject();
    }

    // NaN, Infinity and -Infinity are no JSON numbers and stay text.
    static bool IsFinite(ReadOnlySpan<byte> value) => value is not ([(byte)'N', ..] or [(byte)'I', ..] or [(byte)'-', (byte)'I', ..]);

    static void WriteCompacted(Utf8JsonWriter json, ReadOnlySpan<byte> value)
    {
        var rented = value.Length > OnStack ? ArrayPool<byte>.Shared.Rent(value.Length) : null;
        var compact = rented ?? stackalloc byte[OnStack];
        var length = 0;
        var inString = false;
        for (var i = 0; i < value.Length; i++)
        {
            var b = value[i];
            if (inString && b == '\\')
            {
                compact[length++] = b;
                b = value[++i];
            }
            else if (b == '"')
            {
                inString = !inString;
            }
            else if (!inString && b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            {
                continue;
            }

            compact[length++] = b;
        }

        json.WriteRawValue(compact[..length], skipInputValidation: true);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // 2026-11-20 21:14:00[.f{1,6}][+00] becomes RFC 3339 with six digits; infinity and BC keep the server's text.
    static void WriteTimestamp(Utf8JsonWriter json, ReadOnlySpan<byte> value, ReadOnlySpan<byte> suffix)
    {
        const int toSeconds = 19;
        const int toFraction = toSeconds + 7;
        var clock = suffix.IsEmpty || !value.EndsWith("+00"u8) ? value : value[..^3];
        var isPlain = clock.Length is >= toSeconds and <= toFraction && clock[4] == '-' && clock[10] == ' '
            && (suffix.IsEmpty || clock.Length != value.Length);
        if (!isPlain)
        {
            json.WriteStringValue(value);
            return;
        }

        Span<byte> text = stackalloc byte[toFraction + 1];
        text[..toFraction].Fill((byte)'0');
        clock.CopyTo(text);
        text[10] = (byte)'T';
        text[toSeconds] = (byte)'.';
        suffix.CopyTo(text[toFraction..]);
        json.WriteStringValue(text[..(toFraction + suffix.Length)]);
    }

    static void WriteHexAsBase64(Utf8JsonWriter json, ReadOnlySpan<byte> value)
    {
        var digits = value.StartsWith("\\x"u8) ? value[2..] : value;
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1, digits.Length / 2));
        var status = Convert.FromHexString(digits, bytes, out _, out var length);
        if (status == OperationStatus.Done)
        {
            json.WriteBase64StringValue(bytes.AsSpan(0, length));
        }
        else
        {
            json.WriteBase64StringValue(value);
        }

        ArrayPool<byte>.Shared.Return(bytes);
    }
}
