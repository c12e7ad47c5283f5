namespace Penstock.Benchmarks.Soak.Judging;

/// <summary>Checks that the numbers 0, 1, 2, … all come, once, and those of one key in order; n belongs to the key n modulo their count.</summary>
/// <remarks>Knows nothing of the host. One thread feeds it, others may read its counts.</remarks>
sealed class SequenceJudge
{
    const int MostMissing = 1_000_000;

    readonly long[] _next;
    readonly HashSet<long> _missing = [];
    long _delivered;

    public SequenceJudge(int keys) => _next = [.. Enumerable.Range(0, keys).Select(key => (long)key)];

    /// <summary>Different numbers that came.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Numbers that came behind a later one of their key.</summary>
    public long Disordered { get; private set; }

    /// <summary>Numbers that came again.</summary>
    public long Duplicates { get; private set; }

    public void Arrive(long number)
    {
        if (number < 0)
        {
            throw new MeasurementException("an event arrived that carries no number");
        }

        var key = number % _next.Length;
        if (number < _next[key])
        {
            if (!_missing.Remove(number))
            {
                Duplicates++;
                return;
            }

            Disordered++;
        }
        else
        {
            for (; _next[key] < number; _next[key] += _next.Length)
            {
                _missing.Add(_next[key]);
            }

            _next[key] = number + _next.Length;
            if (_missing.Count > MostMissing)
            {
                throw new MeasurementException($"more than {MostMissing} numbers are missing");
            }
        }

        Volatile.Write(ref _delivered, _delivered + 1);
    }

    /// <summary>Numbers below a total that have not come, least first.</summary>
    public IReadOnlyList<long> Lost(long total)
    {
        List<long> lost = [.. _missing.Where(number => number < total)];
        foreach (var next in _next)
        {
            for (var number = next; number < total; number += _next.Length)
            {
                lost.Add(number);
            }
        }

        lost.Sort();
        return lost;
    }

    /// <summary>Numbers that came though they were never sent.</summary>
    public long Invented(long total) => _next.Count(next => next - _next.Length >= total);
}
