using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Commands;

/// <summary>The open letters of one sink, oldest first, and which of them are meant.</summary>
sealed class SelectedLetters
{
    SelectedLetters(DeadLetterJournal journal, IReadOnlyList<OpenLetter> open, IReadOnlyList<OpenLetter> letters)
    {
        Journal = journal;
        Open = open;
        Letters = letters;
    }

    public DeadLetterJournal Journal { get; }

    public IReadOnlyList<OpenLetter> Open { get; }

    public IReadOnlyList<OpenLetter> Letters { get; }

    /// <summary>Per sink that has any of them.</summary>
    public static IReadOnlyList<SelectedLetters> Find(string stateDirectory, LetterSelection selection, StateDamage damage)
    {
        var ids = selection.Ids.ToHashSet(StringComparer.Ordinal);
        var found = new List<SelectedLetters>();
        foreach (var journal in DeadLetterJournal.FindAll(stateDirectory, selection.Pipeline, selection.Sink))
        {
            var open = InSourceOrder(journal.ReadOpen(damage.Report));
            OpenLetter[] letters = [.. open.Where(letter => selection.All || ids.Contains(letter.Head.Id))];
            if (letters.Length > 0)
            {
                found.Add(new SelectedLetters(journal, open, letters));
            }
        }

        return found;
    }

    /// <summary>The letters that would be passed by a later one of their key.</summary>
    public IEnumerable<(OpenLetter Selected, OpenLetter Older)> OutOfOrder()
    {
        var selected = Letters.ToHashSet();
        var leftOut = new Dictionary<LetterKey, OpenLetter>();
        foreach (var letter in Open)
        {
            if (!selected.Contains(letter))
            {
                leftOut.TryAdd(letter.Head.OrderedBy, letter);
            }
            else if (leftOut.TryGetValue(letter.Head.OrderedBy, out var older))
            {
                yield return (letter, older);
            }
        }
    }

    // Positions order a partition of a source; which of two partitions or sources comes first is nobody's promise.
    static OpenLetter[] InSourceOrder(IReadOnlyList<OpenLetter> letters)
    {
        var partitions = new Dictionary<(string Source, string Partition), int>();
        foreach (var letter in letters)
        {
            partitions.TryAdd((letter.Head.Source, letter.Head.Position.Partition), partitions.Count);
        }

        return [.. letters.OrderBy(letter => partitions[(letter.Head.Source, letter.Head.Position.Partition)]).ThenBy(letter => letter.Head.Position.Order)];
    }
}
