using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Commands;

/// <summary>Everything a journal knows about one event: its letter, its data, and what became of it.</summary>
sealed class LetterHistory
{
    static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1 << 20 };

    readonly List<JournalLine> _lines = [];
    byte[] _letterLine = [];

    LetterHistory(DeadLetterJournal journal) => Journal = journal;

    public DeadLetterJournal Journal { get; }

    /// <summary>The newest letter, with what replays added to it.</summary>
    public OpenLetter? Letter { get; private set; }

    /// <summary>Open, replayed or discarded.</summary>
    public string State { get; private set; } = "open";

    /// <summary>Null when the journal has no letter with this id.</summary>
    public static LetterHistory? Read(DeadLetterJournal journal, string id, StateDamage damage)
    {
        var history = new LetterHistory(journal);
        foreach (var (line, bytes) in journal.ReadHistory(id, damage.Report))
        {
            history.Add(line, bytes);
        }

        return history.Letter is null ? null : history;
    }

    public void Print()
    {
        Console.WriteLine(LetterText.Line(Journal, Letter!));
        Console.WriteLine($"state     {State}");
        Console.WriteLine($"lane      {Letter!.Head.Lane}");
        Console.WriteLine($"position  {Printable.Of(Letter.Head.Position.ToString())}");
        foreach (var line in _lines)
        {
            Console.WriteLine(line.Deed is { } deed
                ? $"{JournalJson.Time(deed.At)}  {JournalJson.Name(deed.Kind)}  by {Printable.Of(deed.By)}, {Printable.Of(deed.Command)}  {Printable.Of(deed.Error?.Message ?? "")}".TrimEnd()
                : $"{JournalJson.Time(line.Letter!.LastAt)}  {JournalJson.Name(line.Letter.Reason)}  {Printable.Of(line.Letter.Error?.Message ?? "")}".TrimEnd());
        }

        using var json = JsonDocument.Parse(_letterLine, Deep);
        Console.WriteLine($"event     {Printable.Of(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(json.RootElement.GetProperty("event"))))}");
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        LetterText.Write(writer, Journal, Letter!);
        writer.WriteString("state", State);
        writer.WriteStartArray("history");
        foreach (var line in _lines)
        {
            writer.WriteStartObject();
            WriteEntry(writer, line);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        using var json = JsonDocument.Parse(_letterLine, Deep);
        writer.WritePropertyName("event");
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(json.RootElement.GetProperty("event")), skipInputValidation: true);
        writer.WriteEndObject();
    }

    void Add(JournalLine line, byte[] bytes)
    {
        _lines.Add(line);
        if (line.Letter is { } head)
        {
            (Letter, State, _letterLine) = (new OpenLetter(head, 0, 0, bytes.Length), "open", bytes);
        }
        else if (line.Deed!.Kind == LineKind.Refused)
        {
            Letter = Letter?.RefusedAgain(line.Deed);
        }
        else
        {
            State = JournalJson.Name(line.Deed.Kind);
        }
    }

    static void WriteEntry(Utf8JsonWriter writer, JournalLine line)
    {
        if (line.Deed is { } deed)
        {
            writer.WriteString("kind", JournalJson.Name(deed.Kind));
            JournalJson.WriteDeed(writer, deed);
        }
        else
        {
            writer.WriteString("kind", JournalJson.Name(LineKind.DeadLetter));
            writer.WriteString("id", line.Letter!.Id);
            writer.WriteString("at", JournalJson.Time(line.Letter.LastAt));
            JournalJson.WriteError(writer, line.Letter.Error);
        }
    }
}
