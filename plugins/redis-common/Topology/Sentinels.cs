namespace Penstock.Redis;

/// <summary>Asks sentinels which server is the primary of the service.</summary>
sealed class Sentinels(RedisConnectionOptions options, string clientName, TimeProvider time)
{
    const string SwitchChannel = "+switch-master";

    readonly RedisLogIn _logIn = new(options.SentinelUser, options.SentinelPassword, Database: 0, clientName);
    readonly string _service = options.ServiceName!;

    public IReadOnlyList<string> Endpoints => options.Endpoints;

    /// <summary>Connects with a heartbeat, and subscribes to what the sentinel tells of failovers.</summary>
    public async ValueTask<RedisConnection> ConnectAsync(RedisEndpoint endpoint, CancellationToken cancellationToken)
    {
        var sentinel = await RedisConnector.ConnectAsync(endpoint, options, _logIn, time, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!sentinel.Server.IsSentinel)
            {
                throw new RedisConnectionException(
                    FailureKind.Permanent,
                    $"{endpoint} is no sentinel. With connection.topology \"sentinel\", connection.endpoints names the sentinels.",
                    innerException: null);
            }

            sentinel.StartHeartbeat();
            var subscribe = new CommandBuffer();
            subscribe.AddCommand("SUBSCRIBE", SwitchChannel);
            await sentinel.SubscribeAsync(subscribe, cancellationToken).ConfigureAwait(false);
            return sentinel;
        }
        catch
        {
            await sentinel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <exception cref="RedisConnectionException">The sentinel does not know the service.</exception>
    public async ValueTask<RedisEndpoint> AskAsync(RedisConnection sentinel, CancellationToken cancellationToken)
    {
        var reply = await sentinel.ExecuteAsync(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", _service], cancellationToken).ConfigureAwait(false);
        return reply.Count == 2 && RedisEndpoint.TryCreate(reply[0].AsText(), reply[1].AsText(), out var primary)
            ? primary
            : throw new RedisConnectionException($"Sentinel {sentinel.Endpoint} does not know the service \"{_service}\" (connection.serviceName).");
    }

    /// <summary>Reads a push of a sentinel: <c>service old-host old-port new-host new-port</c>.</summary>
    /// <returns>The new primary, or null when it is about something else.</returns>
    public RedisEndpoint? Switched(RespValue push) =>
        push.Count == 3 && push[0].Span.SequenceEqual("message"u8)
        && push[2].AsText().Split(' ') is [var service, _, _, var host, var port] && service == _service
        && RedisEndpoint.TryCreate(host, port, out var primary)
            ? primary
            : null;
}
