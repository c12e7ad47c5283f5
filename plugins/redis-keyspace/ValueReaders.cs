using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>The readers of values, one for each server that notifies.</summary>
sealed class ValueReaders(RedisServers servers, long maxBytes, SourceContext context) : IAsyncDisposable
{
    readonly Dictionary<string, ValueReader> _readers = new(StringComparer.Ordinal);

    public ValueReader At(string node)
    {
        if (!_readers.TryGetValue(node, out var reader))
        {
            _readers[node] = reader = new ValueReader(ConnectAsync, maxBytes, context);
        }

        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers.Values)
        {
            await reader.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Elsewhere than in a cluster, the topology leads to the one server, by whatever address.
    ValueTask<RedisConnection> ConnectAsync(string node, CancellationToken stop) =>
        servers.IsCluster ? servers.ConnectToAsync(RedisEndpoint.Parse(node), stop) : servers.ConnectAsync(stop);
}
