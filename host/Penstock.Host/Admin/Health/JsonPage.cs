using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Penstock.Host.Admin.Health;

/// <summary>A page that is one JSON object.</summary>
static class JsonPage
{
    static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>200 when all is well, 503 otherwise, with the members that the caller writes.</summary>
    public static Task WriteAsync(HttpContext context, bool isWell, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        body.Write("\n"u8);
        return AdminAnswer.WriteAsync(
            context, isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, "application/json", body.WrittenMemory);
    }

    public static string Name(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
