using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Commands;

/// <summary>
/// What replay and discard share: the state directory is theirs alone, every line of it is readable, and nothing happens without --yes.
/// </summary>
sealed class LetterChange(string stateDirectory, LetterSelection selection, bool yes, bool json)
{
    readonly LetterBooks _books = new(json);

    /// <param name="verb">The verb, for its messages.</param>
    /// <param name="objection">Why the verb cannot be used on these letters; null when it can.</param>
    /// <param name="act">Does it for one sink.</param>
    public async Task<int> RunAsync(string verb, Func<SelectedLetters, string?> objection, Func<SelectedLetters, LetterBooks, Task> act)
    {
        if (selection.Mistake is { } mistake)
        {
            return Refuse(mistake);
        }

        // A directory that is not there has nothing to protect, and is not made for the question.
        using var state = Directory.Exists(stateDirectory) ? OwnState.Acquire(stateDirectory, $"dead-letters {verb}") : null;
        return state is null && Directory.Exists(stateDirectory) ? ExitCode.FailedWhileRunning : await ChangeAsync(verb, objection, act);
    }

    async Task<int> ChangeAsync(string verb, Func<SelectedLetters, string?> objection, Func<SelectedLetters, LetterBooks, Task> act)
    {
        var damage = new StateDamage();
        var sinks = SelectedLetters.Find(stateDirectory, selection, damage);
        var unknown = FindClosed(sinks, damage);
        if (damage.IsAny)
        {
            return damage.ExitCode;
        }

        if ((unknown ?? sinks.Select(objection).FirstOrDefault(reason => reason is not null)) is { } refusal)
        {
            return Refuse(refusal);
        }

        if (!yes && sinks.Count > 0)
        {
            Announce(sinks);
            _books.Close(null);
            return Refuse($"nothing was done; add --yes to {verb} them");
        }

        var failure = await ActAsync(sinks, act);
        _books.Close(failure);
        return failure is null && _books.Count(LetterOutcome.Refused) + _books.Count(LetterOutcome.Kept) == 0 ? ExitCode.Done : ExitCode.FailedWhileRunning;
    }

    async Task<string?> ActAsync(IReadOnlyList<SelectedLetters> sinks, Func<SelectedLetters, LetterBooks, Task> act)
    {
        string? failure = null;
        foreach (var sink in sinks)
        {
            try
            {
                if (failure is null)
                {
                    await act(sink, _books);
                }
            }
            catch (Exception stopped)
            {
                // Plugins may throw anything; what is done is in the journal, and the rest is kept.
                failure = $"{sink.Journal.Pipeline}/{sink.Journal.Sink}: stopped: {Printable.Of(stopped.Message)}; the letters not named above as done are still open, run the command again";
            }

            foreach (var letter in sink.Letters.Where(letter => !_books.Has(sink.Journal, letter.Head.Id)))
            {
                _books.Add(sink.Journal, letter.Head.Id, LetterOutcome.Kept);
            }
        }

        return failure;
    }

    void Announce(IReadOnlyList<SelectedLetters> sinks)
    {
        foreach (var sink in sinks)
        {
            foreach (var letter in sink.Letters)
            {
                _books.Add(sink.Journal, letter.Head.Id, LetterOutcome.Selected);
            }
        }
    }

    // Doing a thing twice is no mistake; naming what never was is one.
    string? FindClosed(IReadOnlyList<SelectedLetters> sinks, StateDamage damage)
    {
        var open = sinks.SelectMany(sink => sink.Letters).Select(letter => letter.Head.Id).ToHashSet();
        foreach (var id in selection.Ids.Distinct().Where(id => !open.Contains(id)))
        {
            var closed = DeadLetterJournal.FindAll(stateDirectory, selection.Pipeline, selection.Sink)
                .Select(journal => LetterHistory.Read(journal, id, damage)).OfType<LetterHistory>().ToArray();
            if (closed.Length == 0)
            {
                return $"no dead letter has the id {Printable.Of(id)} in {stateDirectory}; see penstock dead-letters list";
            }

            foreach (var history in closed)
            {
                _books.Add(history.Journal, id, LetterOutcome.Closed, $"{history.State} before");
            }
        }

        return null;
    }

    static int Refuse(string reason)
    {
        Console.Error.WriteLine(reason);
        return ExitCode.Config;
    }
}
