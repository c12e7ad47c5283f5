using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>The trimmers of a source, one for each slot; none without the option.</summary>
sealed class Trimmers(RedisStreamsOptions options, IReadOnlyList<StreamState> streams, RedisServers servers, SourceContext context) : IAsyncDisposable
{
    IReadOnlyList<StreamTrimmer>? _trimmers;

    /// <summary>Begins, unless it has begun.</summary>
    public void Start() => _trimmers ??= options.Trim is { } bounds
        ? [.. Shares.Of(streams, readers: 1, servers.IsCluster).Select(share => new StreamTrimmer(options, bounds, share, servers, context))]
        : [];

    public async ValueTask DisposeAsync()
    {
        foreach (var trimmer in _trimmers ?? [])
        {
            await trimmer.DisposeAsync().ConfigureAwait(false);
        }

        _trimmers = [];
    }
}
