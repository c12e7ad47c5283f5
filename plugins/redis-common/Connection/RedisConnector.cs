using System.Net.Sockets;

namespace Penstock.Redis;

/// <summary>Connects, wraps in TLS, logs in.</summary>
static class RedisConnector
{
    public static async ValueTask<RedisConnection> ConnectAsync(
        RedisConnectionOptions options, string clientName, TimeProvider time, CancellationToken cancellationToken)
    {
        var failures = new List<RedisConnectionException>();
        foreach (var text in options.Endpoints)
        {
            if (!RedisEndpoint.TryParse(text, out var endpoint))
            {
                throw new RedisConnectionException(
                    FailureKind.Permanent, $"Expected an endpoint as host:port, found \"{text}\".", innerException: null);
            }

            try
            {
                return await ConnectAsync(endpoint, options, clientName, time, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisConnectionException e) when (e.Kind == FailureKind.Transient)
            {
                failures.Add(e);
            }
        }

        throw failures is [var only]
            ? only
            : new RedisConnectionException(
                $"None of the endpoints could be reached: {string.Join(" ", failures.ConvertAll(e => e.Message))}", failures[^1]);
    }

    static async ValueTask<RedisConnection> ConnectAsync(
        RedisEndpoint endpoint, RedisConnectionOptions options, string clientName, TimeProvider time, CancellationToken cancellationToken)
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
            await LogInAsync(connection, options, clientName, either.Token).ConfigureAwait(false);
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

    static async ValueTask LogInAsync(
        RedisConnection connection, RedisConnectionOptions options, string clientName, CancellationToken cancellationToken)
    {
        var commands = new CommandBuffer();
        var hasLogin = options.User is not null || !options.Password.IsEmpty;
        commands.Begin(hasLogin ? 7 : 4);
        commands.Add("HELLO"u8);
        commands.Add(3);
        if (hasLogin)
        {
            commands.Add("AUTH"u8);
            commands.Add(options.User ?? "default");
            commands.Add(options.Password.Reveal());
        }

        commands.Add("SETNAME"u8);
        commands.Add(clientName);
        if (options.Database != 0)
        {
            commands.AddCommand("SELECT", options.Database.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        var replies = new RespValue[commands.Count];
        await connection.ExecuteAsync(commands, replies, cancellationToken).ConfigureAwait(false);
        if (replies[0].IsError)
        {
            throw RedisException.FromLogIn(replies[0], connection.Endpoint);
        }

        replies[^1].OrThrow();
        connection.ClientId = replies[0].Find("id"u8).AsInt64();
    }
}
