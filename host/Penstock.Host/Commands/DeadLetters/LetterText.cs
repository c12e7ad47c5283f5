using System.Text.Json;
using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Commands;

/// <summary>A dead letter in the answers of the verbs.</summary>
static class LetterText
{
    public static string Line(DeadLetterJournal journal, OpenLetter letter)
    {
        var head = letter.Head;
        var why = letter.Error is { } error ? $"{error.Class}: {Printable.Of(error.Message)}" : "waits for an earlier event of its key";
        return $"{journal.Pipeline}/{journal.Sink}  {Printable.Of(head.Id)}  {JournalJson.Name(head.Reason)}  {Printable.Of(head.Subject)}  key {Printable.Of(head.Key)}  "
            + $"{letter.Attempts} attempt(s), last {JournalJson.Time(letter.LastAt)}  {why}";
    }

    /// <summary>Writes the members of the letter's object.</summary>
    public static void Write(Utf8JsonWriter json, DeadLetterJournal journal, OpenLetter letter)
    {
        var head = letter.Head;
        json.WriteString("pipeline", journal.Pipeline);
        json.WriteString("sink", journal.Sink);
        json.WriteNumber("lane", head.Lane);
        json.WriteString("source", head.Source);
        json.WriteString("id", head.Id);
        json.WriteString("position", head.Position.ToString());
        json.WriteString("subject", head.Subject);
        json.WriteBase64String("key", head.Key);
        json.WriteString("reason", JournalJson.Name(head.Reason));
        JournalJson.WriteError(json, letter.Error);
        json.WriteNumber("attempts", letter.Attempts);
        json.WriteString("firstAt", JournalJson.Time(head.FirstAt));
        json.WriteString("lastAt", JournalJson.Time(letter.LastAt));
    }
}
