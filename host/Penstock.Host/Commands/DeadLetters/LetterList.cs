using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Commands;

/// <summary><c>penstock dead-letters list</c>: reads the state directory, without its lock.</summary>
static class LetterList
{
    public static int Run(string stateDirectory, string? pipeline, string? sink, bool json)
    {
        var damage = new StateDamage();
        var letters = DeadLetterJournal.FindAll(stateDirectory, pipeline, sink)
            .SelectMany(journal => journal.ReadOpen(damage.Report).Select(letter => (Journal: journal, Letter: letter)))
            .ToArray();
        if (json)
        {
            JsonAnswer.Write(writer =>
            {
                writer.WriteStartArray();
                foreach (var (journal, letter) in letters)
                {
                    writer.WriteStartObject();
                    LetterText.Write(writer, journal, letter);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            });
        }
        else
        {
            foreach (var (journal, letter) in letters)
            {
                Console.WriteLine(LetterText.Line(journal, letter));
            }

            Console.WriteLine(letters.Length == 0 ? $"no dead letters in {stateDirectory}" : $"{letters.Length} dead letter(s)");
        }

        return damage.ExitCode;
    }
}
