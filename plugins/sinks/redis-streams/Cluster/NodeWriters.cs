using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Cluster;

/// <summary>A lane's connections to the nodes of the cluster, one each.</summary>
sealed class NodeWriters(RedisStreamsOptions options, SinkContext context) : IAsyncDisposable
{
    readonly RedisServers _servers = new(options.Connection, context);
    readonly Dictionary<RedisEndpoint, NodeWriter> _nodes = [];

    public IEnumerable<NodeWriter> Nodes => _nodes.Values;

    /// <summary>Connects to every primary.</summary>
    public async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        foreach (var primary in await _servers.PrimariesAsync(cancellationToken).ConfigureAwait(false))
        {
            await AtAsync(primary, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The node that a stream is to be written to.</summary>
    public async ValueTask<NodeWriter> OfAsync(StreamGroup group, CancellationToken cancellationToken) =>
        await AtAsync(
            group.Redirect?.Target ?? await _servers.OwnerOfAsync(group.Slot, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Lets go of a connection: it is broken, or leads to a node that is no primary any more.</summary>
    public async ValueTask DropAsync(NodeWriter node)
    {
        _nodes.Remove(RedisEndpoint.Parse(node.Endpoint));
        await node.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }

        _nodes.Clear();
    }

    async ValueTask<NodeWriter> AtAsync(RedisEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (_nodes.TryGetValue(endpoint, out var node))
        {
            if (node.IsOpen)
            {
                return node;
            }

            await DropAsync(node).ConfigureAwait(false);
        }

        var connection = await _servers.ConnectToAsync(endpoint, cancellationToken).ConfigureAwait(false);
        try
        {
            var settings = await ServerSettings.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
            node = new NodeWriter(
                connection,
                settings,
                new EntryEncoder(options, context.TimeProvider),
                ReplicaWait.Of(options, context.LoggerFactory.CreateLogger<ClusterStreamsSink>()));
            _nodes.Add(endpoint, node);
            return node;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
