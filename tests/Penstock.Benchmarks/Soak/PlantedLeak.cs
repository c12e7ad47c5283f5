using System.Net.Sockets;
using System.Text;

namespace Penstock.Benchmarks.Soak;

/// <summary>Opens more and more connections to the host's admin pages over the whole soak, and keeps them in use so that none is closed for being idle.</summary>
sealed class PlantedLeak(int port, double samples) : IDisposable
{
    // The host takes 64.
    const int Connections = 48;

    readonly byte[] _request = Encoding.ASCII.GetBytes($"GET /ready HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    readonly byte[] _answer = new byte[4096];
    readonly List<Socket> _sockets = [];
    int _times;

    public void Grow()
    {
        for (var wanted = Math.Min(Connections, ++_times * Connections / samples); _sockets.Count < wanted;)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            socket.Connect("127.0.0.1", port);
        }

        foreach (var socket in _sockets)
        {
            socket.Send(_request);
            socket.Receive(_answer);
        }
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
}
