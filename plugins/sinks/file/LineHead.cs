using System.Text.Json;

namespace Penstock.Sinks.File;

/// <summary>What a line tells about its event without the rows.</summary>
readonly record struct LineHead(string Source, string Subject, SourcePosition Position, bool IsReplayed)
{
    // A json column may nest as deep as its database lets it.
    static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    /// <summary>Null when the line is no event of the pipeline.</summary>
    public static LineHead? Read(ReadOnlySpan<byte> line, string pipeline)
    {
        try
        {
            var json = new Utf8JsonReader(line, AnyDepth);
            return json.Read() && json.TokenType == JsonTokenType.StartObject ? Read(ref json, pipeline) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    static LineHead? Read(ref Utf8JsonReader json, string pipeline)
    {
        string? id = null, source = null, subject = null, position = null;
        var isReplayed = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("id"u8))
            {
                id = ReadText(ref json);
            }
            else if (json.ValueTextEquals("source"u8))
            {
                source = ReadText(ref json);
            }
            else if (json.ValueTextEquals("subject"u8))
            {
                subject = ReadText(ref json);
            }
            else if (json.ValueTextEquals("position"u8))
            {
                position = ReadText(ref json);
            }
            else if (json.ValueTextEquals("headers"u8))
            {
                isReplayed = ReadHeaders(ref json);
            }
            else
            {
                json.Skip();
            }
        }

        // One more step, so that anything behind the object is an error.
        return !json.Read() && source is not null && subject is not null && position is not null && id == $"{pipeline}/{source}:{position}"
            ? new LineHead(source, subject, SourcePosition.Parse(position), isReplayed)
            : null;
    }

    static string? ReadText(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString();
    }

    static bool ReadHeaders(ref Utf8JsonReader json)
    {
        var isReplayed = false;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return false;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            isReplayed |= json.ValueTextEquals(EventHeaders.Replayed);
            json.Skip();
        }

        return isReplayed;
    }
}
