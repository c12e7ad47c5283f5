using System.Net.Sockets;

namespace Penstock.Benchmarks.Soak;

/// <summary>Opens connections to the host and leaves them: each time more, because the host closes idle ones after a while.</summary>
sealed class PlantedLeak(int port) : IDisposable
{
    readonly List<TcpClient> _clients = [];
    int _times;

    public void Grow()
    {
        for (var i = ++_times; i > 0; i--)
        {
            _clients.Add(new TcpClient("127.0.0.1", port));
        }
    }

    public void Dispose() => _clients.ForEach(client => client.Dispose());
}
