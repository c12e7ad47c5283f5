using Penstock.Runtime.Lanes;

namespace Penstock.Runtime.Settlement;

/// <summary>The bytes of one source that its sinks have not settled yet, and the signal that some were.</summary>
sealed class InFlight
{
    long _added;
    long _settled;

    /// <summary>Set whenever something settles.</summary>
    public AsyncSignal Progress { get; } = new();

    public long Bytes
    {
        get
        {
            // What is settled first: both only grow, so it is never more than what was added.
            var settled = Volatile.Read(ref _settled);
            return Volatile.Read(ref _added) - settled;
        }
    }

    /// <summary>Pump side.</summary>
    public void Add(long bytes) => Volatile.Write(ref _added, _added + bytes);

    /// <summary>Lane side, from any lane.</summary>
    public void Settle(long bytes)
    {
        Interlocked.Add(ref _settled, bytes);
        Progress.Set();
    }
}
