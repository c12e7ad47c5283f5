namespace Penstock.Runtime.DeadLetters;

/// <summary>Folds the lines of a journal to the letters that are open.</summary>
sealed class OpenLetters
{
    readonly Dictionary<string, OpenLetter> _open = new(StringComparer.Ordinal);

    public void Add(JournalLine line, FileLine at)
    {
        if (line.Letter is { } letter)
        {
            // Open already: a crash came between a letter and the memory of it.
            _open.TryAdd(letter.Id, new OpenLetter(letter, at.Number, at.Offset, at.Bytes.Length));
        }
        else if (line.Deed is { } deed && _open.TryGetValue(deed.Id, out var open))
        {
            Apply(open, deed);
        }
    }

    public IReadOnlyList<OpenLetter> InOrder() => [.. _open.Values.OrderBy(letter => letter.LineNumber)];

    void Apply(OpenLetter open, LetterDeed deed)
    {
        if (deed.Kind == LineKind.Refused)
        {
            _open[deed.Id] = open.RefusedAgain(deed);
        }
        else
        {
            _open.Remove(deed.Id);
        }
    }
}
