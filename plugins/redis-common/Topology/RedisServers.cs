using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

/// <summary>
/// The servers of one source, or of one lane of a sink, and the way to those that have the data. Who names the key, and asks for all primaries
/// where it needs them, is right on every topology.
/// </summary>
/// <remarks>
/// In a cluster all connections share one map of the slots. It is read anew, at the next connect, when a reply says <c>MOVED</c>, <c>READONLY</c>,
/// <c>CLUSTERDOWN</c>, <c>MASTERDOWN</c> or <c>UNBLOCKED</c>, and when a connection breaks or cannot be made.
/// </remarks>
public sealed class RedisServers
{
    readonly RedisConnectionOptions _options;
    readonly NodeConnector _nodes;
    readonly SentinelPrimary? _sentinel;
    readonly ClusterPrimaries? _cluster;

    /// <param name="options">Where and as whom.</param>
    /// <param name="context">The source's.</param>
    public RedisServers(RedisConnectionOptions options, SourceContext context)
        : this(options, $"penstock:{context.Pipeline}/{context.Instance}", context.TimeProvider, ChangesOf(
            options, context.LoggerFactory, context.Meter, context.Pipeline, new("source", context.Instance)))
    {
    }

    /// <param name="options">Where and as whom.</param>
    /// <param name="context">The lane's; the first one tells of changes for all.</param>
    public RedisServers(RedisConnectionOptions options, SinkContext context)
        : this(options, $"penstock:{context.Pipeline}/{context.Instance}", context.TimeProvider, context.Lane == 0
            ? ChangesOf(options, context.LoggerFactory, context.Meter, context.Pipeline, new("sink", context.Instance))
            : null)
    {
    }

    /// <param name="options">Where and as whom.</param>
    /// <param name="clientName">What CLIENT LIST shows: printable characters without spaces.</param>
    /// <param name="time">The clock for timeouts and <see cref="RedisConnection.LastAliveAt"/>.</param>
    public RedisServers(RedisConnectionOptions options, string clientName, TimeProvider time)
        : this(options, clientName, time, changes: null)
    {
    }

    RedisServers(RedisConnectionOptions options, string clientName, TimeProvider time, TopologyChanges? changes)
    {
        _options = options;
        _nodes = new NodeConnector(options, clientName, time);
        _sentinel = options.Topology == RedisTopology.Sentinel
            ? new SentinelPrimary(options, _nodes, new Sentinels(options, clientName, time), changes, time)
            : null;
        _cluster = options.Topology == RedisTopology.Cluster ? new ClusterPrimaries(options, _nodes, changes) : null;
    }

    /// <summary>Whether keys lie on different servers, so that <see cref="HashSlot"/> matters.</summary>
    public bool IsCluster => _cluster is not null;

    /// <summary>
    /// Connects to the primary; in a cluster to any. Under Sentinel the connection ends when another server becomes the primary.
    /// </summary>
    /// <exception cref="RedisClientException">No primary could be reached, or it refused us.</exception>
    public ValueTask<RedisConnection> ConnectAsync(CancellationToken cancellationToken) =>
        _cluster?.ConnectToAnyAsync(cancellationToken)
        ?? _sentinel?.ConnectAsync(cancellationToken)
        ?? NodeConnector.FirstAsync(_options.Endpoints.Select(RedisEndpoint.Parse), _nodes.ConnectAsync, cancellationToken);

    /// <summary>Connects to the primary that has this key.</summary>
    /// <remarks>
    /// A slot may move while the connection is in use: it then answers <c>MOVED</c> or, meanwhile, <c>ASK</c> (see <see cref="RedisException.Redirect"/>).
    /// After an error that <see cref="RedisClientException.NeedsOtherServer"/>, dispose and connect again.
    /// </remarks>
    /// <inheritdoc cref="ConnectAsync(CancellationToken)"/>
    public ValueTask<RedisConnection> ConnectAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) =>
        _cluster?.ConnectToSlotAsync(HashSlot.Of(key.Span), cancellationToken) ?? ConnectAsync(cancellationToken);

    /// <summary>Connects to this server, which must be a primary; under Sentinel, the primary.</summary>
    /// <inheritdoc cref="ConnectAsync(CancellationToken)"/>
    public ValueTask<RedisConnection> ConnectToAsync(RedisEndpoint primary, CancellationToken cancellationToken) =>
        _cluster?.ConnectToAsync(primary, cancellationToken)
        ?? (_sentinel is null ? _nodes.ConnectAsync(primary, cancellationToken) : ConnectToNamedAsync(primary, cancellationToken));

    /// <summary>
    /// As <see cref="ConnectAsync(CancellationToken)"/>, with a heartbeat: a dead server or network is noticed within three seconds.
    /// </summary>
    /// <remarks>Not for blocking commands: they would hold up the heartbeat's PING.</remarks>
    public ValueTask<RedisConnection> ConnectSubscriberAsync(CancellationToken cancellationToken) =>
        WithHeartbeatAsync(ConnectAsync(cancellationToken));

    /// <summary>As <see cref="ConnectToAsync"/>, with a heartbeat.</summary>
    /// <inheritdoc cref="ConnectSubscriberAsync(CancellationToken)"/>
    public ValueTask<RedisConnection> ConnectSubscriberToAsync(RedisEndpoint primary, CancellationToken cancellationToken) =>
        WithHeartbeatAsync(ConnectToAsync(primary, cancellationToken));

    /// <summary>All primaries that serve slots, asked for now; elsewhere than in a cluster, the one primary.</summary>
    /// <exception cref="RedisClientException">Nobody could be asked.</exception>
    public async ValueTask<IReadOnlyList<RedisEndpoint>> PrimariesAsync(CancellationToken cancellationToken)
    {
        if (_cluster is not null)
        {
            return await _cluster.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        return [RedisEndpoint.Parse(connection.Endpoint)];
    }

    /// <summary>The primary of a slot, from the map at hand unless that is in doubt. In a cluster only.</summary>
    /// <exception cref="RedisClientException">Nobody serves the slot, or nobody could be asked.</exception>
    public ValueTask<RedisEndpoint> OwnerOfAsync(int slot, CancellationToken cancellationToken) =>
        _cluster?.OwnerOfAsync(slot, cancellationToken) ?? throw new InvalidOperationException("There are no slots but in a cluster.");

    /// <summary>As <see cref="OwnerOfAsync"/>, but null when nobody serves the slot.</summary>
    internal ValueTask<RedisEndpoint?> FindOwnerAsync(int slot, CancellationToken cancellationToken) =>
        _cluster?.FindOwnerAsync(slot, cancellationToken) ?? throw new InvalidOperationException("There are no slots but in a cluster.");

    static TopologyChanges? ChangesOf(
        RedisConnectionOptions options, ILoggerFactory loggers, Meter meter, string pipeline, KeyValuePair<string, object?> instance) =>
        options.Topology == RedisTopology.Standalone
            ? null
            : new TopologyChanges(
                loggers.CreateLogger<RedisServers>(), meter, pipeline, instance, isCluster: options.Topology == RedisTopology.Cluster);

    static async ValueTask<RedisConnection> WithHeartbeatAsync(ValueTask<RedisConnection> connecting)
    {
        var connection = await connecting.ConfigureAwait(false);
        connection.StartHeartbeat();
        return connection;
    }

    async ValueTask<RedisConnection> ConnectToNamedAsync(RedisEndpoint primary, CancellationToken cancellationToken)
    {
        var connection = await _sentinel!.ConnectAsync(cancellationToken).ConfigureAwait(false);
        if (connection.Endpoint == primary.ToString())
        {
            return connection;
        }

        await connection.DisposeAsync().ConfigureAwait(false);
        throw new RedisConnectionException($"{primary} is not the primary any more: {connection.Endpoint} is.");
    }
}
