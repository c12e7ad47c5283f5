namespace Penstock.Redis;

/// <summary>The way to the primaries of a cluster: by slot, by name, or to any of them.</summary>
sealed class ClusterPrimaries
{
    readonly NodeConnector _nodes;
    readonly ClusterView _view;

    public ClusterPrimaries(RedisConnectionOptions options, NodeConnector nodes, TopologyChanges? changes)
    {
        _nodes = nodes;
        _view = new ClusterView(options.Endpoints, nodes.ConnectAsync, options.Tls is not null, changes);
    }

    /// <summary>Reads the map anew.</summary>
    /// <exception cref="RedisClientException">Nobody serves any slot, or no node could be asked.</exception>
    public async ValueTask<IReadOnlyList<RedisEndpoint>> ReadAsync(CancellationToken cancellationToken)
    {
        _view.Distrust();
        var primaries = (await _view.GetAsync(cancellationToken).ConfigureAwait(false)).Primaries;
        return primaries.Count > 0 ? primaries : throw new RedisConnectionException("Nobody serves any slot of the cluster now.");
    }

    /// <summary>The primary of a slot; null when nobody serves it.</summary>
    /// <exception cref="RedisClientException">No node could be asked.</exception>
    public async ValueTask<RedisEndpoint?> FindOwnerAsync(int slot, CancellationToken cancellationToken) =>
        (await _view.GetAsync(cancellationToken).ConfigureAwait(false)).OwnerOf(slot);

    /// <exception cref="RedisClientException">Nobody serves the slot, or no node could be asked.</exception>
    public async ValueTask<RedisEndpoint> OwnerOfAsync(int slot, CancellationToken cancellationToken)
    {
        var map = await _view.GetAsync(cancellationToken).ConfigureAwait(false);
        if (map.OwnerOf(slot) is { } owner)
        {
            return owner;
        }

        _view.Distrust();
        throw new RedisConnectionException($"Nobody serves slot {slot} of the cluster now.");
    }

    /// <summary>Connects to the owner of a slot; once more when the one that was thought to be it cannot be reached and another one is now.</summary>
    public async ValueTask<RedisConnection> ConnectToSlotAsync(int slot, CancellationToken cancellationToken)
    {
        var owner = await OwnerOfAsync(slot, cancellationToken).ConfigureAwait(false);
        try
        {
            return await ConnectToAsync(owner, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisClientException e) when (e.Kind == FailureKind.Transient)
        {
            var now = await OwnerOfAsync(slot, cancellationToken).ConfigureAwait(false);
            if (now == owner)
            {
                throw;
            }

            return await ConnectToAsync(now, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<RedisConnection> ConnectToAnyAsync(CancellationToken cancellationToken)
    {
        var map = await _view.GetAsync(cancellationToken).ConfigureAwait(false);
        return await NodeConnector.FirstAsync(map.Primaries, ConnectToAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Connects to a node that is a primary, and watches what it answers.</summary>
    public async ValueTask<RedisConnection> ConnectToAsync(RedisEndpoint node, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _nodes.ConnectAsync(node, cancellationToken).ConfigureAwait(false);
            if (!connection.Server.IsPrimary)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw new RedisConnectionException($"{node} is a replica now: a failover is under way, or is over.");
            }

            connection.Cluster = _view;
            return connection;
        }
        catch (RedisClientException)
        {
            _view.Lost(node);
            throw;
        }
    }
}
