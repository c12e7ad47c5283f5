namespace Penstock.Runtime.Tests.Support;

/// <summary>What a sink's server keeps, over all lanes and restarts.</summary>
sealed class SinkStore
{
    readonly Lock _lock = new();
    readonly List<Delivered> _events = [];
    readonly List<(int Lane, ulong[] Numbers)> _batches = [];

    /// <summary>Called before a batch is kept; what it throws refuses the batch.</summary>
    public Func<SinkContext, IReadOnlyList<ChangeEvent>, CancellationToken, ValueTask>? BeforeWrite { get; set; }

    /// <summary>Called after a batch is kept and before the host is told.</summary>
    public Action<IReadOnlyList<ChangeEvent>>? AfterWrite { get; set; }

    public Func<SinkContext, CancellationToken, ValueTask>? OnOpen { get; set; }

    public Action<LossWindow>? OnLoss { get; set; }

    public Action<int, SchemaChange>? OnSchemaChange { get; set; }

    /// <summary>A mistake the store really makes, to prove that a check would see it.</summary>
    public Flaw Flaw { get; set; }

    public IReadOnlyList<Delivered> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public IReadOnlyList<(int Lane, ulong[] Numbers)> Batches
    {
        get
        {
            lock (_lock)
            {
                return [.. _batches];
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _events.Count;
            }
        }
    }

    public IEnumerable<ulong> Numbers => Events.Select(delivered => delivered.Number);

    /// <summary>What a lane holds, as the sink will say when it opens; a test may have it lie.</summary>
    public Func<int, IReadOnlyList<StoredPosition>>? OnReadPositions { get; set; }

    public IReadOnlyList<StoredPosition> ReadPositions(int lane) => OnReadPositions is { } lie ? lie(lane) : PositionsOf(delivered => delivered.Lane == lane);

    public IReadOnlyList<StoredPosition> PositionsOf(Func<Delivered, bool> which)
    {
        var numbers = Events.Where(which).Select(delivered => delivered.Number).DefaultIfEmpty().ToList();
        return numbers is [0UL] ? [] : [new StoredPosition("s", new SourcePosition("", SourcePosition.Compose(numbers.Max(), 0)))];
    }

    /// <summary>Refuses these events for ever, as the contract wants it: what came before them in the batch is kept.</summary>
    public void RefuseAsPoison(params IReadOnlyCollection<ulong> numbers) => BeforeWrite = (context, batch, _) =>
    {
        var index = batch.ToList().FindIndex(change => numbers.Contains(Entry.NumberOf(change.Position)));
        if (index < 0)
        {
            return default;
        }

        Keep(context.Lane, [.. batch.Take(index)]);
        throw PluginException.Poison(index, "it does not fit");
    };

    /// <summary>Loses what came last, as a server does that fails over.</summary>
    public void Forget(ulong after)
    {
        lock (_lock)
        {
            _events.RemoveAll(delivered => delivered.Number > after);
        }
    }

    public void Keep(int lane, IReadOnlyList<ChangeEvent> batch)
    {
        lock (_lock)
        {
            var events = batch.Select(change => new Delivered(lane, Entry.NumberOf(change.Position), change.Key.Span.Length == 0 ? "" : System.Text.Encoding.UTF8.GetString(change.Key.Span))).ToList();
            _batches.Add((lane, [.. events.Select(delivered => delivered.Number)]));
            _events.AddRange(Spoil(events));
        }
    }

    List<Delivered> Spoil(List<Delivered> events) => Flaw switch
    {
        Flaw.Drop => [.. events.Skip(1)],
        Flaw.Duplicate => [.. events, events[0]],
        Flaw.Reorder => [.. Enumerable.Reverse(events)],
        _ => events,
    };
}

sealed record Delivered(int Lane, ulong Number, string Key);

enum Flaw
{
    None,
    Drop,
    Duplicate,
    Reorder,
}
