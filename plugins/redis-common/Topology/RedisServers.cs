using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Penstock.Redis;

/// <summary>The servers of one source, or of one lane of a sink, and the way to the one that has the data.</summary>
public sealed class RedisServers
{
    readonly RedisConnectionOptions _options;
    readonly RedisLogIn _logIn;
    readonly TimeProvider _time;
    readonly PrimaryChanges? _changes;

    /// <param name="options">Where and as whom.</param>
    /// <param name="context">The source's.</param>
    public RedisServers(RedisConnectionOptions options, SourceContext context)
        : this(options, $"penstock:{context.Pipeline}/{context.Instance}", context.TimeProvider) =>
        _changes = ChangesOf(context.LoggerFactory, context.Meter, context.Pipeline, new("source", context.Instance));

    /// <param name="options">Where and as whom.</param>
    /// <param name="context">The lane's; the first one tells of changes for all.</param>
    public RedisServers(RedisConnectionOptions options, SinkContext context)
        : this(options, $"penstock:{context.Pipeline}/{context.Instance}", context.TimeProvider) =>
        _changes = context.Lane == 0 ? ChangesOf(context.LoggerFactory, context.Meter, context.Pipeline, new("sink", context.Instance)) : null;

    /// <param name="options">Where and as whom.</param>
    /// <param name="clientName">What CLIENT LIST shows: printable characters without spaces.</param>
    /// <param name="time">The clock for timeouts and <see cref="RedisConnection.LastAliveAt"/>.</param>
    public RedisServers(RedisConnectionOptions options, string clientName, TimeProvider time)
    {
        _options = options;
        _time = time;
        _logIn = new RedisLogIn(options.User, options.Password, options.Database, clientName);
    }

    /// <summary>
    /// Connects to the primary. Under Sentinel the connection ends when another server becomes the primary.
    /// </summary>
    /// <exception cref="RedisClientException">No primary could be reached, or it refused us.</exception>
    public ValueTask<RedisConnection> ConnectAsync(CancellationToken cancellationToken) => _options.Topology switch
    {
        RedisTopology.Sentinel => ConnectToPrimaryAsync(cancellationToken),
        _ => ConnectToFirstAsync(ConnectAsync, cancellationToken),
    };

    /// <summary>As <see cref="ConnectAsync(CancellationToken)"/>, with a heartbeat: a dead server or network is noticed within three seconds.</summary>
    /// <remarks>Not for blocking commands: they would hold up the heartbeat's PING.</remarks>
    public async ValueTask<RedisConnection> ConnectSubscriberAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        connection.StartHeartbeat();
        return connection;
    }

    PrimaryChanges? ChangesOf(ILoggerFactory loggers, Meter meter, string pipeline, KeyValuePair<string, object?> instance) =>
        _options.Topology == RedisTopology.Sentinel ? new PrimaryChanges(loggers.CreateLogger<RedisServers>(), meter, pipeline, instance) : null;

    async ValueTask<RedisConnection> ConnectAsync(RedisEndpoint endpoint, CancellationToken cancellationToken)
    {
        var connection = await RedisConnector.ConnectAsync(endpoint, _options, _logIn, _time, cancellationToken).ConfigureAwait(false);
        if (connection.Server.IsSentinel)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw new RedisConnectionException(
                FailureKind.Permanent,
                $"{endpoint} is a sentinel. Set connection.topology to \"sentinel\", and connection.serviceName.",
                innerException: null);
        }

        return connection;
    }

    async ValueTask<RedisConnection> ConnectToPrimaryAsync(CancellationToken cancellationToken)
    {
        var sentinels = new Sentinels(_options, _logIn.ClientName, _time);
        return await ConnectToFirstAsync(
            async (endpoint, token) =>
            {
                var sentinel = await sentinels.ConnectAsync(endpoint, token).ConfigureAwait(false);
                try
                {
                    var primary = await sentinels.AskAsync(sentinel, token).ConfigureAwait(false);
                    var connection = await ConnectAsync(primary, token).ConfigureAwait(false);
                    if (!connection.Server.IsPrimary)
                    {
                        await connection.DisposeAsync().ConfigureAwait(false);
                        throw new RedisConnectionException(
                            $"{primary} is a replica, although sentinel {endpoint} calls it the primary: a failover is under way, or that sentinel lags.");
                    }

                    _changes?.Saw(primary, endpoint);
                    connection.WatchBy(new PrimaryWatch(connection, primary, sentinel, sentinels, _changes, _time));
                    return connection;
                }
                catch
                {
                    await sentinel.DisposeAsync().ConfigureAwait(false);
                    throw;
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    async ValueTask<RedisConnection> ConnectToFirstAsync(
        Func<RedisEndpoint, CancellationToken, ValueTask<RedisConnection>> connect, CancellationToken cancellationToken)
    {
        var failures = new List<RedisClientException>();
        foreach (var text in _options.Endpoints)
        {
            try
            {
                return await connect(RedisEndpoint.Parse(text), cancellationToken).ConfigureAwait(false);
            }
            catch (RedisClientException e) when (e.Kind == FailureKind.Transient)
            {
                failures.Add(e);
            }
        }

        throw failures is [var only]
            ? only
            : new RedisConnectionException(
                $"None of the endpoints could be reached: {string.Join(" ", failures.ConvertAll(e => e.Message))}", failures[^1]);
    }
}
