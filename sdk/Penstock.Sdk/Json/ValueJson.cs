using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Penstock;

/// <summary>
/// Writes one field as JSON, from the bytes the source sent. Bytes that are not what the field's type says are written as text.
/// </summary>
static class ValueJson
{
    /// <summary>Writes a field.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="row">The row.</param>
    /// <param name="index">The field.</param>
    /// <param name="asBase64">Whether the event lists the field as base64.</param>
    public static void Write(Utf8JsonWriter json, Row row, int index, bool asBase64)
    {
        if (row.GetState(index) != FieldState.Present)
        {
            json.WriteNullValue();
            return;
        }

        var value = row[index];
        var type = row.Schema[index].Type;
        if (asBase64)
        {
            WriteBase64(json, type, value);
            return;
        }

        switch (type)
        {
            case FieldType.Boolean when value is [(byte)'t'] or [(byte)'f']:
                json.WriteBooleanValue(value[0] == 't');
                break;
            case FieldType.Integer or FieldType.Float when JsonText.IsNumber(value):
                json.WriteRawValue(value, skipInputValidation: true);
                break;
            case FieldType.Json when JsonText.IsValue(value):
                JsonText.WriteCompacted(json, value);
                break;
            case FieldType.Timestamp or FieldType.TimestampTz:
                TimestampJson.Write(json, value, isInstant: type == FieldType.TimestampTz);
                break;
            default:
                json.WriteStringValue(value);
                break;
        }
    }

    /// <summary>Whether the field can only be base64: raw bytes, and anything that is not UTF-8.</summary>
    public static bool IsBase64(Row row, int index) =>
        row.GetState(index) == FieldState.Present
        && (row.Schema[index].Type is FieldType.HexBytes or FieldType.Bytes || !Utf8.IsValid(row[index]));

    /// <summary>
    /// Whether the field is base64 in this row because it is in one of the event's rows: one list of names speaks for both.
    /// </summary>
    public static bool IsBase64(Row row, int index, Row? other)
    {
        if (IsBase64(row, index))
        {
            return true;
        }

        if (other is not { Schema.IsObject: true } twin)
        {
            return false;
        }

        var same = Find(twin, row, index);
        return same >= 0 && IsBase64(twin, same);
    }

    /// <summary>The place in one row of a field of another row, or -1.</summary>
    public static int Find(Row row, Row other, int index) =>
        ReferenceEquals(row.Schema, other.Schema) ? index : row.Schema.IndexOf(other.Schema[index].Name);

    /// <summary>Text, or <c>{"base64":"…"}</c> for bytes that are not UTF-8.</summary>
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

    static void WriteBase64(Utf8JsonWriter json, FieldType type, ReadOnlySpan<byte> value)
    {
        if (type != FieldType.HexBytes || !value.StartsWith("\\x"u8))
        {
            json.WriteBase64StringValue(value);
            return;
        }

        var digits = value[2..];
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1, digits.Length / 2));
        var status = Convert.FromHexString(digits, bytes, out _, out var length);
        json.WriteBase64StringValue(status == OperationStatus.Done ? bytes.AsSpan(0, length) : value);
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
