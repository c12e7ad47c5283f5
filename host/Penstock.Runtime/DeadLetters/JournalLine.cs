using System.Globalization;
using System.Text.Json;

namespace Penstock.Runtime.DeadLetters;

/// <summary>Reads the lines of the journal: a letter or what became of one, never both.</summary>
sealed record JournalLine(LetterHead? Letter, LetterDeed? Deed)
{
    static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1 << 20 };

    /// <exception cref="FormatException">The line is none of this journal; the message says what is wrong.</exception>
    public static JournalLine Read(ReadOnlyMemory<byte> line, string pipeline, string sink) => Parse(line, root =>
    {
        if (root.GetProperty("v").GetInt32() is not 1 and var version)
        {
            throw new FormatException($"it has version {version}, this host reads version 1");
        }

        var kind = Word<LineKind>(root.GetProperty("kind"));
        return kind == LineKind.DeadLetter ? new JournalLine(ReadLetter(root, pipeline, sink), null) : new JournalLine(null, ReadDeed(root, kind));
    });

    /// <inheritdoc cref="LetterEvent.Read"/>
    public static ChangeEvent ReadEvent(ReadOnlyMemory<byte> line, IReadOnlyDictionary<string, string> furtherHeaders) =>
        Parse(line, root => LetterEvent.Read(root, furtherHeaders));

    static T Parse<T>(ReadOnlyMemory<byte> line, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(line, Deep);
            return read(json.RootElement);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException(wrong.Message, wrong);
        }
    }

    static LetterHead ReadLetter(JsonElement root, string pipeline, string sink)
    {
        var owner = $"{Text(root, "pipeline")}/{Text(root, "sink")}";
        if (owner != $"{pipeline}/{sink}")
        {
            throw new FormatException($"it belongs to {owner}");
        }

        var letter = new LetterHead
        {
            Id = Text(root, "id"),
            Source = Text(root, "source"),
            IsBarrier = root.GetProperty("event").GetProperty("kind").ValueEquals(JournalJson.Name(ChangeKind.Truncate)),
            Position = SourcePosition.Parse(Text(root, "position")),
            Subject = Text(root, "subject"),
            Key = root.GetProperty("key").GetBytesFromBase64(),
            Lane = root.GetProperty("lane").GetInt32(),
            Reason = Word<DeadLetterReason>(root.GetProperty("reason")),
            Error = ReadError(root.GetProperty("error")),
            Attempts = root.GetProperty("attempts").GetInt32(),
            FirstAt = Time(root, "firstAt"),
            LastAt = Time(root, "lastAt"),
        };
        return letter.Id == $"{pipeline}/{letter.Source}:{letter.Position}" ? letter : throw new FormatException("its id and its position differ");
    }

    static LetterDeed ReadDeed(JsonElement root, LineKind kind) => new(kind, Text(root, "id"), Time(root, "at"), Text(root, "by"), Text(root, "command"))
    {
        Error = root.TryGetProperty("error", out var error) ? ReadError(error) : null,
    };

    static DeadLetterError? ReadError(JsonElement error) =>
        error.ValueKind == JsonValueKind.Null ? null : new DeadLetterError(Text(error, "class"), Text(error, "message"));

    static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? throw new FormatException($"\"{name}\" is null");

    static DateTimeOffset Time(JsonElement parent, string name) =>
        DateTimeOffset.Parse(Text(parent, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    static TEnum Word<TEnum>(JsonElement word)
        where TEnum : struct, Enum =>
        Enum.GetValues<TEnum>().Cast<TEnum?>().FirstOrDefault(value => word.ValueEquals(JournalJson.Name(value!.Value)))
        ?? throw new FormatException($"expected one of {string.Join(", ", Enum.GetValues<TEnum>().Select(JournalJson.Name))}");
}
