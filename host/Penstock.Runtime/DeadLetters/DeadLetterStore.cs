using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime.DeadLetters;

/// <summary>
/// Takes the events that a sink does not get, durably, and knows which keys have to wait behind them. Shared by the lanes of one sink.
/// </summary>
/// <remarks>
/// An event that is a dead letter already is not written again: a crash between letter and checkpoint brings it once more.
/// One whose letter was replayed or discarded is a new letter when the sink refuses it again. It came again because its checkpoint was not
/// written in time, or because somebody reset the position to have it again; the journal cannot tell which, and of the two mistakes a letter
/// too many can be seen and undone, an event that vanishes cannot.
/// </remarks>
sealed class DeadLetterStore
{
    readonly DeadLetterJournal _journal;
    readonly Faults _faults;
    readonly Lock _writing = new();
    readonly HashSet<string> _open = new(StringComparer.Ordinal);
    readonly ParkedKeys _parked = new();
    PipelineFailureException? _failure;
    volatile int _count;

    DeadLetterStore(DeadLetterJournal journal, Faults faults)
    {
        _journal = journal;
        _faults = faults;
    }

    /// <summary>The letters that are neither replayed nor discarded.</summary>
    public int OpenCount => _count;

    /// <summary>Reads the journal of a sink, or finds none.</summary>
    /// <exception cref="PipelineFailureException">A line is damaged, so that a key that has to wait might not; or the journal cannot be read or flushed.</exception>
    public static DeadLetterStore Open(string pipelineStateDirectory, string pipeline, string sink, RuntimeServices services)
    {
        var store = new DeadLetterStore(DeadLetterJournal.In(pipelineStateDirectory, pipeline, sink), services.Faults);
        try
        {
            store.Load();
        }
        catch (Exception failure) when (failure is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new PipelineFailureException($"{pipeline}/{sink}: the dead letters cannot be read: {failure.Message}", failure);
        }

        return store;
    }

    /// <summary>
    /// Whether the event has to wait behind an open letter of its source, subject and key; a truncate and the other events of its subject wait
    /// for each other. One from before the letter, which a crash brings again, has not to. Costs next to nothing when no letter is open.
    /// </summary>
    public bool IsParked(ChangeEvent change) => _count > 0 && _parked.Holds(change);

    /// <summary>Returning means that every one of these events is durably a dead letter, and that their keys are parked.</summary>
    /// <exception cref="IOException">Nothing was written; the same call may be made again.</exception>
    /// <exception cref="PipelineFailureException">The disk refused to flush, now or before.</exception>
    public void Keep(IReadOnlyList<DeadLetter> letters)
    {
        lock (_writing)
        {
            if (_failure is not null)
            {
                throw _failure;
            }

            var fresh = letters.DistinctBy(letter => letter.Change.Id).Where(letter => !_open.Contains(letter.Change.Id)).ToArray();
            if (fresh.Length > 0)
            {
                Append(fresh);
            }
        }
    }

    void Append(DeadLetter[] letters)
    {
        try
        {
            _journal.Append(letters, () => _faults.Pass(FaultPoint.DeadLetterWritten));
        }
        catch (PipelineFailureException failure)
        {
            // A later flush may succeed and mean nothing: the kernel has forgotten what it could not write.
            _failure = failure;
            throw;
        }

        _faults.Pass(FaultPoint.DeadLetterDurable);
        foreach (var letter in letters)
        {
            _open.Add(letter.Change.Id);
            _parked.Add(LetterKey.CopyOf(letter.Change), letter.Change.Position, letter.Change.Kind == ChangeKind.Truncate);
        }

        _count = _open.Count;
    }

    void Load()
    {
        _journal.Flush();
        foreach (var letter in _journal.ReadOpen(damage => throw new FormatException(damage)))
        {
            _open.Add(letter.Head.Id);
            _parked.Add(letter.Head.OrderedBy, letter.Head.Position, letter.Head.IsBarrier);
        }

        _count = _open.Count;
    }
}
