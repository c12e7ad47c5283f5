using System.Text.Encodings.Web;
using System.Text.Json;

namespace Penstock.Host.Commands;

/// <summary>Writes a verb's JSON answer to standard output.</summary>
static class JsonAnswer
{
    static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Action<Utf8JsonWriter> write)
    {
        using var output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            write(json);
        }

        output.WriteByte((byte)'\n');
    }
}
