using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime.Acquisition;

/// <summary>
/// Whether a source reads. It says so itself, and then has to prove it; of one that never does, an event or a watermark is proof, and so is an
/// attempt that lasts longer than any that fails.
/// </summary>
sealed class ReadWatch(string source, TimeProvider time)
{
    const long Never = long.MinValue;

    // Longer than a driver waits for a server that does not answer.
    static readonly TimeSpan Silent = TimeSpan.FromSeconds(30);

    // A server may take every connection and end it at once, for ever.
    static readonly TimeSpan Standing = TimeSpan.FromSeconds(5);

    readonly StepWatch _watch = new(StepKind.Read, source, lane: null, time);
    long _connected = Never;
    volatile bool _reports;
    bool _isProven;

    public StepStatus Status
    {
        get
        {
            var status = _watch.Status;
            return HasStood(status) ? new StepStatus(status.Kind, status.Part, status.Lane) { HasWorked = true } : status;
        }
    }

    public void Connecting()
    {
        _isProven = false;
        Volatile.Write(ref _connected, Never);
        _watch.Begin();
    }

    /// <summary>The source says that it reads. What failed before is over only when a message comes, or when the connection has stood for a while.</summary>
    public void Connected()
    {
        _reports = true;
        // From the first report of an attempt: a source may repeat it.
        Interlocked.CompareExchange(ref _connected, time.GetTimestamp(), Never);
        _watch.Pass();
    }

    /// <summary>Pump side: an event or a watermark came. A loss window proves nothing: it says that there was no connection.</summary>
    public void Yielded(SourceMessage message)
    {
        if (!_isProven)
        {
            Prove(message);
        }
    }

    public void Failed(string reason)
    {
        if (HasStood(_watch.Status))
        {
            // What it failed with before was over: this is another trouble, and it begins now.
            _watch.End();
        }

        Volatile.Write(ref _connected, Never);
        _watch.Fail(reason);
    }

    // A watermark may tell of what was read before the connection was lost, so a source that reports has to have reported this one.
    void Prove(SourceMessage message)
    {
        if (message is ChangeEvent || !_reports || Volatile.Read(ref _connected) != Never)
        {
            _isProven = true;
            _watch.End();
        }
    }

    bool HasStood(StepStatus status) => Volatile.Read(ref _connected) is var connected && connected != Never
        ? time.GetElapsedTime(connected) >= Standing
        : !_reports && status.UnderWay >= Silent;
}
