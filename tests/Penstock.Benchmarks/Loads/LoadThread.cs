namespace Penstock.Benchmarks.Loads;

/// <summary>A thread of its own for what must not wait for the thread pool; its failure is the caller's.</summary>
static class LoadThread
{
    public static Task Start(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true }.Start();
        return done.Task;
    }
}
