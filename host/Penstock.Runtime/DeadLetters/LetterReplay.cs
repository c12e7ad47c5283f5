namespace Penstock.Runtime.DeadLetters;

/// <summary>
/// Writes open letters to their sink again, in the lane they belong to and in source order per key. A letter is closed once the sink has
/// returned and the journal says so durably; a crash in between replays it once more, with the same id.
/// </summary>
sealed class LetterReplay(SinkPlan sink, DeadLetterJournal journal, LetterAuthor author, RuntimeServices services) : IAsyncDisposable
{
    readonly Dictionary<int, ISink> _lanes = [];
    readonly HashSet<LetterKey> _held = [];

    /// <summary>Replays what can be replayed. When a letter is refused again, the later ones of its key stay.</summary>
    /// <param name="letters">Open letters in source order.</param>
    /// <param name="done">Told about each letter that is replayed or refused again, once that is durable.</param>
    /// <param name="cancellationToken">Stops between two writes, and the write itself as far as the sink can.</param>
    /// <exception cref="Exception">Whatever the sink failed with other than by refusing one event; nothing was tried after that.</exception>
    /// <exception cref="FormatException">A letter's event cannot be read.</exception>
    public async Task RunAsync(IReadOnlyList<OpenLetter> letters, Action<LetterDeed> done, CancellationToken cancellationToken)
    {
        foreach (var section in Sections(letters))
        {
            foreach (var lane in section.GroupBy(letter => LetterLane.Of(letter.Head, sink.Ordering, sink.Lanes)).OrderBy(lane => lane.Key))
            {
                await WriteAsync(await OpenAsync(lane.Key, cancellationToken), [.. lane], done, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes.Values)
        {
            await lane.DisposeAsync();
        }
    }

    // What concerns every key of a subject is written alone: lanes are replayed one after the other, and none may run ahead of it.
    static IEnumerable<List<OpenLetter>> Sections(IReadOnlyList<OpenLetter> letters)
    {
        var section = new List<OpenLetter>();
        foreach (var letter in letters)
        {
            if (letter.Head.IsBarrier)
            {
                yield return section;
                yield return [letter];
                section = [];
            }
            else
            {
                section.Add(letter);
            }
        }

        yield return section;
    }

    async Task<ISink> OpenAsync(int number, CancellationToken cancellationToken)
    {
        if (!_lanes.TryGetValue(number, out var lane))
        {
            lane = sink.Create(new SinkContext
            {
                Pipeline = journal.Pipeline,
                Instance = sink.Name,
                Lane = number,
                LaneCount = sink.Lanes,
                LoggerFactory = services.LoggerFactory,
                TimeProvider = services.Time,
                Meter = services.Meter,
            });
            _lanes.Add(number, lane);
            await lane.OpenAsync(cancellationToken);
        }

        return lane;
    }

    async Task WriteAsync(ISink lane, List<OpenLetter> pending, Action<LetterDeed> done, CancellationToken cancellationToken)
    {
        pending.RemoveAll(IsHeld);
        while (pending.Count > 0)
        {
            var batch = Load(pending);
            var written = batch.Count;
            PluginException? refusal = null;
            try
            {
                await lane.WriteAsync(batch, cancellationToken);
            }
            catch (PluginException poison) when (poison.Kind == FailureKind.Poison)
            {
                refusal = poison;
                written = Math.Clamp(poison.EventIndex, 0, batch.Count - 1);
            }

            Close(pending[..written], refusal is null ? null : (pending[written], refusal), done);
            pending.RemoveRange(0, written);
            pending.RemoveAll(IsHeld);
        }
    }

    bool IsHeld(OpenLetter letter) => _held.Contains(letter.Head.OrderedBy);

    List<ChangeEvent> Load(List<OpenLetter> pending)
    {
        var headers = new Dictionary<string, string> { [EventHeaders.Replayed] = JournalJson.Time(services.Time.GetUtcNow()) };
        var batch = new List<ChangeEvent>();
        for (var bytes = 0L; batch.Count < Math.Min(pending.Count, sink.Batch.MaxEvents) && bytes < sink.Batch.MaxBytes; bytes += batch[^1].RetainedBytes)
        {
            batch.Add(journal.ReadEvent(pending[batch.Count], headers));
        }

        return batch;
    }

    void Close(List<OpenLetter> written, (OpenLetter Letter, PluginException Error)? refused, Action<LetterDeed> done)
    {
        var deeds = written.ConvertAll(letter => author.Does(LineKind.Replayed, letter));
        if (refused is var (letter, error))
        {
            deeds.Add(author.Does(LineKind.Refused, letter) with { Error = DeadLetterError.Of(error) });
            _held.Add(letter.Head.OrderedBy);
        }

        journal.Append(deeds);
        deeds.ForEach(done);
    }
}
