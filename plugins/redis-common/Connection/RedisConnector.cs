using System.Net.Sockets;

namespace Penstock.Redis;

/// <summary>Connects, wraps in TLS, logs in.</summary>
static class RedisConnector
{
    public static async ValueTask<RedisConnection> ConnectAsync(
        RedisEndpoint endpoint, RedisConnectionOptions options, RedisLogIn logIn, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        RedisConnection? connection = null;
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, either.Token).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is { } tls)
            {
                stream = await TlsHandshake.RunAsync(stream, endpoint, tls, either.Token).ConfigureAwait(false);
            }

            connection = new RedisConnection(socket, stream, endpoint, options.CommandTimeout, time);
            await LogInAsync(connection, logIn, either.Token).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }

            socket.Dispose();
            throw e switch
            {
                OperationCanceledException when !cancellationToken.IsCancellationRequested => new RedisConnectionException(
                    $"{endpoint} did not let us in within {Duration.Format(options.ConnectTimeout)} (connection.connectTimeout).", e),
                SocketException or IOException => new RedisConnectionException($"Cannot connect to {endpoint}: {e.Message}", e),
                _ => e,
            };
        }
    }

    static async ValueTask LogInAsync(RedisConnection connection, RedisLogIn logIn, CancellationToken cancellationToken)
    {
        var commands = new CommandBuffer();
        logIn.AddTo(commands);
        var replies = new RespValue[commands.Count];
        await connection.ExecuteAsync(commands, replies, cancellationToken).ConfigureAwait(false);
        if (replies[0].IsError)
        {
            throw RedisException.FromLogIn(replies[0], connection.Endpoint);
        }

        replies[^1].OrThrow();
        connection.Server = ServerGreeting.Of(replies[0]);
    }
}
