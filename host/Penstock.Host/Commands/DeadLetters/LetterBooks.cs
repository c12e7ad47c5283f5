using System.Text.Json;
using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Commands;

/// <summary>What a verb did with each letter, for its answer. Lines appear as things happen; JSON at the end.</summary>
sealed class LetterBooks(bool json)
{
    readonly List<(string Pipeline, string Sink, string Id, LetterOutcome Outcome, string? Message)> _entries = [];
    readonly HashSet<(string Pipeline, string Sink, string Id)> _known = [];

    public int Count(LetterOutcome outcome) => _entries.Count(entry => entry.Outcome == outcome);

    public bool Has(DeadLetterJournal journal, string id) => _known.Contains((journal.Pipeline, journal.Sink, id));

    public void Add(DeadLetterJournal journal, string id, LetterOutcome outcome, string? message = null)
    {
        _entries.Add((journal.Pipeline, journal.Sink, id, outcome, message));
        _known.Add((journal.Pipeline, journal.Sink, id));
        if (!json)
        {
            Console.WriteLine($"{JournalJson.Name(outcome)}  {journal.Pipeline}/{journal.Sink}  {Printable.Of(id)}{(message is null ? "" : $"  {Printable.Of(message)}")}");
        }
    }

    /// <summary>The end of the answer.</summary>
    /// <param name="failure">Why the verb stopped before it was through; null when it did not.</param>
    public void Close(string? failure)
    {
        var counts = Enum.GetValues<LetterOutcome>().Select(outcome => (Name: JournalJson.Name(outcome), Count: Count(outcome))).ToArray();
        if (failure is not null)
        {
            Console.Error.WriteLine(failure);
        }

        if (json)
        {
            JsonAnswer.Write(writer => Write(writer, counts, failure));
        }
        else
        {
            Console.WriteLine($"{_entries.Count} dead letter(s): {string.Join(", ", counts.Where(count => count.Count > 0).Select(count => $"{count.Count} {count.Name}"))}".TrimEnd(' ', ':'));
        }
    }

    void Write(Utf8JsonWriter writer, (string Name, int Count)[] counts, string? failure)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("letters");
        foreach (var (pipeline, sink, id, outcome, message) in _entries)
        {
            writer.WriteStartObject();
            writer.WriteString("pipeline", pipeline);
            writer.WriteString("sink", sink);
            writer.WriteString("id", id);
            writer.WriteString("outcome", JournalJson.Name(outcome));
            writer.WriteString("message", message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("counts");
        foreach (var (name, count) in counts)
        {
            writer.WriteNumber(name, count);
        }

        writer.WriteEndObject();
        writer.WriteString("failure", failure);
        writer.WriteEndObject();
    }
}
