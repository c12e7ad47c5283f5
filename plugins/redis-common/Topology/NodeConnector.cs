namespace Penstock.Redis;

/// <summary>Connects to single servers, and refuses those of another topology than the configured one.</summary>
sealed class NodeConnector(RedisConnectionOptions options, string clientName, TimeProvider time)
{
    readonly RedisLogIn _logIn = new(options.User, options.Password, options.Database, clientName);

    public async ValueTask<RedisConnection> ConnectAsync(RedisEndpoint endpoint, CancellationToken cancellationToken)
    {
        var connection = await RedisConnector.ConnectAsync(endpoint, options, _logIn, time, cancellationToken).ConfigureAwait(false);
        var isCluster = options.Topology == RedisTopology.Cluster;
        var problem = connection.Server switch
        {
            { IsSentinel: true } => "is a sentinel. Set connection.topology to \"sentinel\", and connection.serviceName.",
            { IsClusterNode: true } when !isCluster => "is a node of a cluster. Set connection.topology to \"cluster\".",
            { IsClusterNode: false } when isCluster => "is no node of a cluster. Leave connection.topology out, or set it to \"standalone\".",
            _ => null,
        };
        if (problem is not null)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw new RedisConnectionException(FailureKind.Permanent, $"{endpoint} {problem}", innerException: null);
        }

        return connection;
    }

    /// <summary>Tries them in turn; the first that lets us in.</summary>
    /// <exception cref="RedisClientException">None does, or one refuses us for good.</exception>
    public static async ValueTask<RedisConnection> FirstAsync(
        IEnumerable<RedisEndpoint> endpoints, Func<RedisEndpoint, CancellationToken, ValueTask<RedisConnection>> connect, CancellationToken cancellationToken)
    {
        var failures = new List<RedisClientException>();
        foreach (var endpoint in endpoints)
        {
            try
            {
                return await connect(endpoint, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisClientException e) when (e.Kind == FailureKind.Transient)
            {
                failures.Add(e);
            }
        }

        throw NoneOf(failures);
    }

    public static RedisClientException NoneOf(List<RedisClientException> failures) => failures switch
    {
        [] => new RedisConnectionException("No server is known to ask."),
        [var only] => only,
        _ => new RedisConnectionException(
            $"None of the endpoints could be reached: {string.Join(" ", failures.ConvertAll(e => e.Message))}", failures[^1]),
    };
}
