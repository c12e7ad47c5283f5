using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Penstock.TestServers;

/// <summary>
/// The simplest Redis client that can: RESP2, one command at a time, text only. Tests look at a server through it, not through the client they test.
/// </summary>
public sealed class PlainRedis : IDisposable
{
    readonly TcpClient _client;
    readonly BufferedStream _stream;

    public PlainRedis(int port)
    {
        _client = new TcpClient("127.0.0.1", port) { NoDelay = true };
        _stream = new BufferedStream(_client.GetStream(), 64 * 1024);
    }

    /// <summary>Sends a command and returns its reply: a string, a long, null, or an array of these.</summary>
    /// <exception cref="InvalidOperationException">The server answered with an error.</exception>
    public object? Send(params ReadOnlySpan<string> arguments)
    {
        var command = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{arguments.Length}\r\n");
        foreach (var argument in arguments)
        {
            command.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(argument)}\r\n{argument}\r\n");
        }

        _stream.Write(Encoding.UTF8.GetBytes(command.ToString()));
        _stream.Flush();
        return Read();
    }

    public long SendForNumber(params ReadOnlySpan<string> arguments) => (long)Send(arguments)!;

    /// <summary>The entries of a stream, oldest first, each as its id and its fields.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="after">The id behind which to begin; without it, the first entry is the first.</param>
    public IEnumerable<(string Id, Dictionary<string, string> Fields)> Entries(string stream, string? after = null)
    {
        const string pageSize = "5000";
        var from = after is null ? "-" : "(" + after;
        while (Send("XRANGE", stream, from, "+", "COUNT", pageSize) is object?[] { Length: > 0 } page)
        {
            foreach (var entry in page.Cast<object?[]>())
            {
                var fields = ((object?[])entry[1]!).Cast<string>().Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
                yield return ((string)entry[0]!, fields);
            }

            from = "(" + ((object?[])page[^1]!)[0];
        }
    }

    public void Dispose() => _client.Dispose();

    object? Read()
    {
        var line = ReadLine();
        switch (line[0])
        {
            case '+':
                return line[1..];
            case ':':
                return long.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
            case '-':
                throw new InvalidOperationException(line[1..]);
        }

        var length = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
        if (length < 0)
        {
            return null;
        }

        if (line[0] == '*')
        {
            var items = new object?[length];
            for (var i = 0; i < length; i++)
            {
                items[i] = Read();
            }

            return items;
        }

        var bytes = new byte[length + 2];
        _stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    string ReadLine()
    {
        var line = new StringBuilder();
        for (var b = _stream.ReadByte(); b != '\n'; b = _stream.ReadByte())
        {
            line.Append(b switch
            {
                < 0 => throw new EndOfStreamException("the server closed the connection"),
                '\r' => "",
                _ => ((char)b).ToString(),
            });
        }

        return line.ToString();
    }
}
