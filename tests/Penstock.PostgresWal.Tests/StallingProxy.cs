using System.Net;
using System.Net.Sockets;

namespace Penstock.PostgresWal.Tests;

/// <summary>Stands before a server and holds back everything that it says after so many bytes, as a network that died in the middle.</summary>
sealed class StallingProxy : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();
    readonly int _targetPort;
    readonly int _bytes;

    public StallingProxy(int targetPort, int bytes)
    {
        (_targetPort, _bytes) = (targetPort, bytes);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    async Task AcceptAsync()
    {
        var end = _end.Token;
        while (true)
        {
            _ = ServeAsync(await _listener.AcceptTcpClientAsync(end), end);
        }
    }

    async Task ServeAsync(TcpClient client, CancellationToken end)
    {
        using var _ = client;
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, _targetPort, end);
        await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream(), end), ForwardAsync(server.GetStream(), client.GetStream(), end));
    }

    async Task ForwardAsync(NetworkStream from, NetworkStream to, CancellationToken end)
    {
        var buffer = new byte[4096];
        for (var left = _bytes; left > 0;)
        {
            var count = await from.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), end);
            if (count == 0)
            {
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, count), end);
            left -= count;
        }

        await Task.Delay(Timeout.Infinite, end);
    }
}
