using System.Net.Sockets;
using System.Text;

/// <summary>XADD and nothing else; use your Redis client instead.</summary>
sealed class RedisStreams : IDisposable
{
    readonly TcpClient _client = new() { NoDelay = true };

    public static async Task<RedisStreams> ConnectAsync(string endpoint)
    {
        var redis = new RedisStreams();
        var colon = endpoint.LastIndexOf(':');
        await redis._client.ConnectAsync(endpoint[..colon], int.Parse(endpoint[(colon + 1)..]));
        return redis;
    }

    public async Task AddAsync(string stream, params (string Name, string Value)[] fields)
    {
        string[] command = ["XADD", stream, "*", .. fields.SelectMany(field => new[] { field.Name, field.Value })];
        var text = new StringBuilder().Append($"*{command.Length}\r\n");
        foreach (var argument in command)
        {
            text.Append($"${Encoding.UTF8.GetByteCount(argument)}\r\n{argument}\r\n");
        }

        var connection = _client.GetStream();
        await connection.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()));

        // An id: $15, and the id in a line of its own. Anything else did not add the message.
        var reply = new byte[256];
        var length = 0;
        while (reply.AsSpan(0, length).Count((byte)'\n') < (reply[0] == '$' ? 2 : 1))
        {
            var read = await connection.ReadAsync(reply.AsMemory(length));
            length += read > 0 ? read : throw new IOException("Redis closed the connection; whether the message was added is unknown.");
        }

        if (reply[0] != '$')
        {
            throw new IOException($"Redis refused the message: {Encoding.UTF8.GetString(reply, 0, length).Trim()}");
        }
    }

    public void Dispose() => _client.Dispose();
}
