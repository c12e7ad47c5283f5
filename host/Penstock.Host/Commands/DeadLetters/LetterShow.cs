using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Commands;

/// <summary><c>penstock dead-letters show ID</c>: reads the state directory, without its lock; shows closed letters, too.</summary>
static class LetterShow
{
    public static int Run(string stateDirectory, string id, string? pipeline, string? sink, bool json)
    {
        var damage = new StateDamage();
        var found = DeadLetterJournal.FindAll(stateDirectory, pipeline, sink)
            .Select(journal => LetterHistory.Read(journal, id, damage)).OfType<LetterHistory>().ToArray();
        if (json)
        {
            JsonAnswer.Write(writer =>
            {
                writer.WriteStartArray();
                foreach (var history in found)
                {
                    history.Write(writer);
                }

                writer.WriteEndArray();
            });
        }
        else
        {
            Array.ForEach(found, history => history.Print());
        }

        if (found.Length == 0)
        {
            Console.Error.WriteLine($"no dead letter has the id {Printable.Of(id)} in {stateDirectory}; see penstock dead-letters list");
            return Math.Max(ExitCode.Config, damage.ExitCode);
        }

        return damage.ExitCode;
    }
}
