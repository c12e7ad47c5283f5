using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Penstock.Runtime.DeadLetters;

/// <summary>Writes the lines of the journal.</summary>
static class JournalJson
{
    const int Version = 1;

    static readonly JsonWriterOptions Options = new()
    {
        // An event may nest deeper than the writer's own limit.
        SkipValidation = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Appends the line of a dead letter, with its line break.</summary>
    public static void Write(ArrayBufferWriter<byte> output, string sink, DeadLetter letter) => WriteLine(output, LineKind.DeadLetter, json =>
    {
        var change = letter.Change;
        json.WriteString("pipeline", change.Origin.Pipeline);
        json.WriteString("sink", sink);
        json.WriteNumber("lane", letter.Lane);
        json.WriteString("source", change.Origin.Source);
        json.WriteString("id", change.Id);
        json.WriteString("position", change.Position.ToString());
        json.WriteString("subject", change.Subject);
        json.WriteBase64String("key", change.Key.Span);
        json.WriteString("reason", Name(letter.Reason));
        WriteError(json, letter.Error);
        json.WriteNumber("attempts", letter.Attempts);
        json.WriteString("firstAt", Time(letter.FirstAt));
        json.WriteString("lastAt", Time(letter.LastAt));
        LetterEvent.Write(json, change);
    });

    /// <summary>Appends the line of what became of a dead letter, with its line break.</summary>
    public static void Write(ArrayBufferWriter<byte> output, LetterDeed deed) => WriteLine(output, deed.Kind, json => WriteDeed(json, deed));

    public static void WriteDeed(Utf8JsonWriter json, LetterDeed deed)
    {
        json.WriteString("id", deed.Id);
        json.WriteString("at", Time(deed.At));
        json.WriteString("by", deed.By);
        json.WriteString("command", deed.Command);
        if (deed.Error is not null)
        {
            WriteError(json, deed.Error);
        }
    }

    public static void WriteError(Utf8JsonWriter json, DeadLetterError? error)
    {
        if (error is null)
        {
            json.WriteNull("error");
            return;
        }

        json.WriteStartObject("error");
        json.WriteString("class", error.Class);
        json.WriteString("message", error.Message);
        json.WriteEndObject();
    }

    public static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    static void WriteLine(ArrayBufferWriter<byte> output, LineKind kind, Action<Utf8JsonWriter> content)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("v", Version);
            json.WriteString("kind", Name(kind));
            content(json);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
