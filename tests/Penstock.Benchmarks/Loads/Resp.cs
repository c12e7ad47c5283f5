using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Penstock.Benchmarks.Loads;

/// <summary>A Redis connection for loads and yardsticks: commands are bytes that are ready to send, replies are counted or skipped.</summary>
sealed class Resp : IDisposable
{
    readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    readonly byte[] _buffer = new byte[256 * 1024];
    int _start;
    int _end;

    public Resp(int port) => _socket.Connect("127.0.0.1", port);

    public Socket Socket => _socket;

    /// <summary>A command as the protocol writes it.</summary>
    public static byte[] Command(params ReadOnlySpan<string> arguments)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{arguments.Length}\r\n");
        foreach (var argument in arguments)
        {
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(argument)}\r\n{argument}\r\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Reads past whole replies.</summary>
    /// <exception cref="MeasurementException">One of them is an error.</exception>
    public void Skip(int replies)
    {
        for (var i = 0; i < replies; i++)
        {
            Skip();
        }
    }

    /// <summary>The length of an array, or -1 for null; its items come next.</summary>
    public long ReadArray()
    {
        var line = Line();
        return line[0] is (byte)'*' ? Number(line) : line[0] is (byte)'$' && Number(line) < 0 ? -1 : throw Unexpected(line);
    }

    public long ReadNumber()
    {
        var line = Line();
        return line[0] is (byte)':' ? Number(line) : throw Unexpected(line);
    }

    /// <summary>A string; its bytes are valid until the next read.</summary>
    public ReadOnlySpan<byte> ReadBulk()
    {
        var line = Line();
        return line[0] is (byte)'$' ? Take((int)Number(line)) : throw Unexpected(line);
    }

    public void Dispose() => _socket.Dispose();

    void Skip()
    {
        var line = Line();
        switch (line[0])
        {
            case (byte)'*':
                Skip((int)Math.Max(0, Number(line)));
                break;
            case (byte)'$' when Number(line) is var length and >= 0:
                Take((int)length);
                break;
            case (byte)'-':
                throw Unexpected(line);
        }
    }

    static long Number(ReadOnlySpan<byte> line) => long.Parse(line[1..], CultureInfo.InvariantCulture);

    static MeasurementException Unexpected(ReadOnlySpan<byte> line) => new($"Redis answered \"{Encoding.UTF8.GetString(line)}\"");

    ReadOnlySpan<byte> Line()
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
        {
            Fill();
        }

        var line = _buffer.AsSpan(_start, length);
        _start += length + 2;
        return line;
    }

    ReadOnlySpan<byte> Take(int length)
    {
        while (_end - _start < length + 2)
        {
            Fill();
        }

        var bytes = _buffer.AsSpan(_start, length);
        _start += length + 2;
        return bytes;
    }

    void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        var received = _socket.Receive(_buffer.AsSpan(_end));
        _end += received > 0 ? received : throw new MeasurementException("Redis closed the connection");
    }
}
