using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Penstock.Redis;

/// <summary>A Lua script that runs at the server in one step; sent as text only when the server does not have it.</summary>
/// <param name="text">The script.</param>
public sealed class RedisScript(string text)
{
    const string NotLoaded = "NOSCRIPT";

    readonly byte[] _text = Encoding.UTF8.GetBytes(text);
    readonly byte[] _hash = HashOf(text);

    /// <summary>Runs the script.</summary>
    /// <param name="connection">To the server that has the keys.</param>
    /// <param name="keys">How many keys there are; all of one slot.</param>
    /// <param name="arguments">How many arguments follow them.</param>
    /// <param name="write">Adds the keys, then the arguments; may be called twice.</param>
    /// <param name="cancellationToken">Closes the connection, since the reply would be in doubt.</param>
    /// <exception cref="RedisException">The server or the script answered with an error.</exception>
    /// <exception cref="RedisConnectionException">The connection broke, or the server did not answer in time. What the script did is unknown.</exception>
    public async ValueTask<RespValue> RunAsync(
        RedisConnection connection, int keys, int arguments, Action<CommandBuffer> write, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.ExecuteAsync(CommandOf("EVALSHA"u8, _hash), TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisException e) when (e.Code == NotLoaded)
        {
            return await connection.ExecuteAsync(CommandOf("EVAL"u8, _text), TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }

        CommandBuffer CommandOf(ReadOnlySpan<byte> verb, byte[] script)
        {
            var command = new CommandBuffer();
            command.Begin(3 + keys + arguments);
            command.Add(verb);
            command.Add(script);
            command.Add(keys);
            write(command);
            return command;
        }
    }

    /// <summary>The name by which a server that has a script runs it.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "EVALSHA names scripts so; nothing is secured by it.")]
    public static byte[] HashOf(string text) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text))));
}
