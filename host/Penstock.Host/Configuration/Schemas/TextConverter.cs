using System.Text.Json;
using System.Text.Json.Serialization;

namespace Penstock.Host.Configuration;

delegate bool TryReadText<T>(string? text, out T value);

/// <summary>A value whose JSON form is a text.</summary>
sealed class TextConverter<T>(TryReadText<T> tryRead, Func<T, string> format) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && tryRead(reader.GetString(), out var value) ? value : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(format(value));
}
