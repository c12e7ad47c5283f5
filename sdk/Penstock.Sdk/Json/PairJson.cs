using System.Text;
using System.Text.Json;

namespace Penstock;

static class PairJson
{
    /// <summary>Reads a string or <c>{"base64":"…"}</c>; null when it is neither.</summary>
    public static byte[]? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return Encoding.UTF8.GetBytes(reader.GetString()!);
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        byte[]? bytes = null;
        var isBase64 = reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(Names.Base64.EncodedUtf8Bytes)
            && reader.Read() && reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out bytes)
            && reader.Read() && reader.TokenType == JsonTokenType.EndObject;
        return isBase64 ? bytes : null;
    }
}
