namespace Penstock.Redis;

/// <summary>The way to the primary that sentinels name; a connection to it ends when they name another one.</summary>
sealed class SentinelPrimary(
    RedisConnectionOptions options, NodeConnector nodes, Sentinels sentinels, TopologyChanges? changes, TimeProvider time)
{
    public ValueTask<RedisConnection> ConnectAsync(CancellationToken cancellationToken) =>
        NodeConnector.FirstAsync(options.Endpoints.Select(RedisEndpoint.Parse), ConnectByAsync, cancellationToken);

    async ValueTask<RedisConnection> ConnectByAsync(RedisEndpoint endpoint, CancellationToken cancellationToken)
    {
        var sentinel = await sentinels.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
        try
        {
            var primary = await sentinels.AskAsync(sentinel, cancellationToken).ConfigureAwait(false);
            var connection = await nodes.ConnectAsync(primary, cancellationToken).ConfigureAwait(false);
            if (!connection.Server.IsPrimary)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw new RedisConnectionException(
                    $"{primary} is a replica, although sentinel {endpoint} calls it the primary: a failover is under way, or that sentinel lags.");
            }

            changes?.Saw(primary, endpoint);
            connection.WatchBy(new PrimaryWatch(connection, primary, sentinel, sentinels, changes, time));
            return connection;
        }
        catch
        {
            await sentinel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
