namespace Penstock.Runtime;

/// <summary>
/// A source or a sink may go on, and we after it, on a thread that watches sockets (decision 0015). Other connections wait for that thread, so
/// whoever will block it, or keep it for long, leaves it first.
/// </summary>
static class SocketThread
{
    /// <summary>Goes on in the thread pool; costs nothing there.</summary>
    public static ValueTask LeaveAsync() => Thread.CurrentThread.IsThreadPoolThread ? default : HopAsync();

    static async ValueTask HopAsync() => await Task.Yield();
}
