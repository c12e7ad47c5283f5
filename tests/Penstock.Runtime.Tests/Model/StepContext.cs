namespace Penstock.Runtime.Tests.Model;

/// <summary>Runs whatever the production code awaits on the thread that takes the steps, before the step is over: nothing happens by chance.</summary>
sealed class StepContext : SynchronizationContext
{
    readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = [];

    public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public void Drain()
    {
        while (_posted.TryDequeue(out var next))
        {
            next.Callback(next.State);
        }
    }

    /// <summary>Forgets what a host that is gone was about to do.</summary>
    public void Clear() => _posted.Clear();

    public static T Run<T>(Func<StepContext, T> body)
    {
        var before = Current;
        var context = new StepContext();
        SetSynchronizationContext(context);
        try
        {
            return body(context);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
