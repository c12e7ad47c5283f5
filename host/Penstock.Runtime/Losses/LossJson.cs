using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Penstock.Runtime.DeadLetters;

namespace Penstock.Runtime.Losses;

/// <summary>A loss window as JSON, on disk and in <c>penstock losses list --json</c>.</summary>
static class LossJson
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(RecordedLoss loss)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        Write(json, loss);
        json.Flush();
        return buffer.WrittenMemory;
    }

    public static void Write(Utf8JsonWriter json, RecordedLoss loss)
    {
        var window = loss.Window;
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteString("kind", "loss");
        json.WriteString("source", loss.Source);
        json.WriteString("node", window.Node);
        json.WriteString("subject", window.Subject);
        json.WriteString("cause", Name(window.Cause));
        json.WriteBoolean("certain", window.IsCertain);
        json.WriteString("openedAt", JournalJson.Time(window.OpenedAt));
        json.WriteString("closedAt", window.ClosedAt is { } closed ? JournalJson.Time(closed) : null);
        if (window.Missed is { } missed)
        {
            json.WriteNumber("missed", missed);
        }
        else
        {
            json.WriteNull("missed");
        }

        json.WriteString("detail", window.Detail);
        json.WriteEndObject();
    }

    /// <exception cref="FormatException">The line is no loss window.</exception>
    public static RecordedLoss Read(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var window = new LossWindow
            {
                Node = root.GetProperty("node").GetString()!,
                Subject = root.GetProperty("subject").GetString()!,
                Cause = Enum.Parse<LossCause>(root.GetProperty("cause").GetString()!, ignoreCase: true),
                IsCertain = root.GetProperty("certain").GetBoolean(),
                OpenedAt = Time(root.GetProperty("openedAt"))!.Value,
                ClosedAt = Time(root.GetProperty("closedAt")),
                Missed = root.GetProperty("missed") is { ValueKind: JsonValueKind.Number } missed ? missed.GetInt64() : null,
                Detail = root.GetProperty("detail").GetString()!,
            };
            return new RecordedLoss(root.GetProperty("source").GetString()!, window);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException("not a loss window", wrong);
        }
    }

    public static string Name(LossCause cause) => JsonNamingPolicy.CamelCase.ConvertName(cause.ToString());

    static DateTimeOffset? Time(JsonElement element) =>
        element.GetString() is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null;
}
