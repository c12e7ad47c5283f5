using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Penstock.MicroBenchmarks.Samples;

/// <summary>
/// Sends prepared WAL over the loopback to one replication connection, as often as it is told to. A walsender decodes more slowly than we read,
/// so it would be what is measured.
/// </summary>
sealed class WalReplay : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly SemaphoreSlim _due = new(0);
    readonly CancellationTokenSource _end = new();
    readonly byte[] _wal;
    readonly Task _serving;

    public WalReplay(byte[] wal)
    {
        _wal = wal;
        _listener.Start();
        _serving = ServeAsync(_end.Token);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Has the WAL sent once more.</summary>
    public void Send() => _due.Release();

    public void Dispose()
    {
        _end.Cancel();
        _serving.ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
        _listener.Dispose();
        _due.Dispose();
        _end.Dispose();
    }

    async Task ServeAsync(CancellationToken end)
    {
        using var client = await _listener.AcceptTcpClientAsync(end);
        var stream = client.GetStream();
        await ReadAsync(stream, hasType: false, end);
        await stream.WriteAsync(Greeting(), end);
        // START_REPLICATION is all that is asked.
        await ReadAsync(stream, hasType: true, end);
        await stream.WriteAsync(Message('W', [0, 0, 0]), end);
        var dropping = stream.CopyToAsync(Stream.Null, end);
        while (!dropping.IsCompleted)
        {
            await _due.WaitAsync(end);
            await stream.WriteAsync(_wal, end);
        }
    }

    static async Task ReadAsync(NetworkStream stream, bool hasType, CancellationToken end)
    {
        var header = new byte[hasType ? 1 + sizeof(int) : sizeof(int)];
        await stream.ReadExactlyAsync(header, end);
        await stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(hasType ? 1 : 0)) - sizeof(int)], end);
    }

    // Authenticated; what Npgsql wants to know of the session; ready.
    static byte[] Greeting() =>
    [
        .. Message('R', new byte[sizeof(int)]),
        .. Setting("server_version", "15.14"),
        .. Setting("client_encoding", "UTF8"),
        .. Setting("TimeZone", "UTC"),
        .. Message('K', new byte[2 * sizeof(int)]),
        .. Message('Z', [(byte)'I']),
    ];

    static byte[] Setting(string name, string value) => Message('S', Encoding.ASCII.GetBytes($"{name}\0{value}\0"));

    static byte[] Message(char type, byte[] body)
    {
        var message = new byte[1 + sizeof(int) + body.Length];
        message[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), sizeof(int) + body.Length);
        body.CopyTo(message.AsSpan(1 + sizeof(int)));
        return message;
    }
}
