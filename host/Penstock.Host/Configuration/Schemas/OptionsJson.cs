using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Penstock.Host.Configuration;

/// <summary>
/// How options classes and JSON correspond: camelCase names, enum values in camelCase (what a pipeline requires is hyphenated), units as
/// text. Strict: nothing unknown, nothing converted, nothing missing.
/// </summary>
static class OptionsJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerOptions.Strict)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            MaxDepth = ConfigDocument.MaxDepth,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters =
            {
                new TextConverter<TimeSpan>(Duration.TryParse, Duration.Format),
                new TextConverter<ByteSize>(ByteSize.TryParse, size => size.ToString()),
                new TextConverter<Secret>(ReadSecret, secret => secret.ToString()),
                new JsonStringEnumConverter<Requirement>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false),
                new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            },
        };
        options.MakeReadOnly();
        return options;
    }

    static bool ReadSecret(string? text, out Secret secret)
    {
        secret = new Secret(text ?? "");
        return true;
    }
}
