using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>The readers of values, one for each server that notifies.</summary>
sealed class ValueReaders(RedisServers servers, long maxBytes, SourceContext context) : IAsyncDisposable
{
    static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    readonly Dictionary<string, ValueReader> _readers = new(StringComparer.Ordinal);
    long _sweptAt = context.TimeProvider.GetTimestamp();

    /// <inheritdoc cref="ValueReader.ReadAsync(List{byte[]}, string, IDictionary{byte[], ObservedValue})"/>
    public async ValueTask ReadAsync(List<byte[]> keys, string node, IDictionary<byte[], ObservedValue> values)
    {
        if (!_readers.TryGetValue(node, out var reader))
        {
            _readers[node] = reader = new ValueReader(ConnectAsync, maxBytes, context);
        }

        await reader.ReadAsync(keys, node, values).ConfigureAwait(false);
        if (context.TimeProvider.GetElapsedTime(_sweptAt) >= Idle)
        {
            await SweepAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers.Values)
        {
            await reader.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Servers leave a cluster without a word to us.
    async ValueTask SweepAsync()
    {
        _sweptAt = context.TimeProvider.GetTimestamp();
        foreach (var (node, reader) in _readers)
        {
            if (context.TimeProvider.GetElapsedTime(reader.UsedAt) >= Idle)
            {
                _readers.Remove(node);
                await reader.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    // Elsewhere than in a cluster, the topology leads to the one server, by whatever address.
    ValueTask<RedisConnection> ConnectAsync(string node, CancellationToken stop) =>
        servers.IsCluster ? servers.ConnectToAsync(RedisEndpoint.Parse(node), stop) : servers.ConnectAsync(stop);
}
