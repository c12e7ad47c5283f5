namespace Penstock.Demo;

/// <summary>What the writers have committed: the truth that the judge measures the file against.</summary>
sealed class OrderBook(long target)
{
    readonly Lock _lock = new();
    readonly List<OrderChange> _written = [];
    long _claimed;
    long _lastOrder;

    public long Written
    {
        get
        {
            lock (_lock)
            {
                return _written.Count;
            }
        }
    }

    public IReadOnlyList<OrderChange> Changes
    {
        get
        {
            lock (_lock)
            {
                return [.. _written];
            }
        }
    }

    /// <summary>How many of the wanted changes may still be made; zero ends a writer.</summary>
    public int Claim(int wanted)
    {
        lock (_lock)
        {
            var granted = (int)Math.Min(wanted, target - _claimed);
            _claimed += granted;
            return granted;
        }
    }

    /// <summary>Distinct orders in ascending order: some new, the others made before.</summary>
    public List<(long Id, bool IsNew)> Pick(Random random, int count)
    {
        lock (_lock)
        {
            var orders = new SortedDictionary<long, bool>();
            var known = _lastOrder;
            for (var i = 0; i < count; i++)
            {
                var reuse = known > 100 && random.Next(3) > 0 ? 1 + random.NextInt64(known) : 0;
                if (reuse == 0 || !orders.TryAdd(reuse, false))
                {
                    orders.Add(++_lastOrder, true);
                }
            }

            return [.. orders.Select(order => (order.Key, order.Value))];
        }
    }

    /// <summary>A transaction committed; what it claimed and did not use goes back.</summary>
    public void Committed(List<OrderChange> changes, int claimed)
    {
        lock (_lock)
        {
            _written.AddRange(changes);
            _claimed -= claimed - changes.Count;
        }
    }
}
