using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime.Acquisition;

/// <summary>
/// Whether a source reads. It says so itself; of one that never does, an event or a watermark is proof, and so is an attempt that lasts longer
/// than any that fails.
/// </summary>
sealed class ReadWatch(string source, TimeProvider time)
{
    // Longer than a driver waits for a server that does not answer.
    static readonly TimeSpan Silent = TimeSpan.FromSeconds(30);

    readonly StepWatch _watch = new(StepKind.Read, source, lane: null, time);
    volatile bool _reports;

    public StepStatus Status
    {
        get
        {
            var status = _watch.Status;
            return !_reports && status.UnderWay >= Silent ? new StepStatus(status.Kind, status.Part, status.Lane) { HasWorked = true } : status;
        }
    }

    public void Connecting() => _watch.Begin();

    public void Connected()
    {
        _reports = true;
        _watch.End();
    }

    /// <summary>The first message of an attempt. A loss window says that there was no connection.</summary>
    public void Yielded(SourceMessage message)
    {
        if (!_reports && message is not LossWindow)
        {
            _watch.End();
        }
    }

    public void Failed(string reason) => _watch.Fail(reason);
}
