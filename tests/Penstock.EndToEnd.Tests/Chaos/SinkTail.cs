using System.Net.Sockets;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>Follows the sink's stream, past restarts of its server. It looks at the server itself, not through a proxy.</summary>
sealed class SinkTail(int port, string stream) : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly HashSet<string> _ids = [];
    readonly List<Delivered> _entries = [];
    PlainRedis? _redis;
    string? _last;
    string _furthest = "";

    /// <summary>What the stream held at the last look, in its order.</summary>
    public IReadOnlyList<Delivered> Entries => _entries;

    /// <summary>Takes what has come; false when the server does not answer.</summary>
    // Twice, because a connection from before the server's restart says nothing about the server.
    public bool Look() => TryLook() || TryLook();

    /// <summary>Waits for so many events that were not there before.</summary>
    public Task GrowsAsync(int by)
    {
        var enough = Known() + by;
        return Eventually.HoldsAsync(() => Known() >= enough, $"{stream} grows by {by} new events", Patience);
    }

    /// <summary>Waits until it has so many different events.</summary>
    public Task ReachesAsync(int count) => Eventually.HoldsAsync(() => Known() >= count, $"{stream} has {count} events", Patience);

    /// <summary>Waits for an event from behind this position.</summary>
    public Task PassesAsync(string position) => Eventually.HoldsAsync(
        () => Look() && string.CompareOrdinal(_furthest, position) > 0, $"{stream} has an event from behind {position}", Patience);

    public void Dispose() => _redis?.Dispose();

    int Known()
    {
        Look();
        return _ids.Count;
    }

    bool TryLook()
    {
        try
        {
            _redis ??= new PlainRedis(port);
            foreach (var (id, fields) in _redis.Entries(stream, _last))
            {
                var entry = Delivered.Parse(fields["event"]);
                _entries.Add(entry);
                _ids.Add(entry.EventId);
                _last = id;
                _furthest = string.CompareOrdinal(entry.Position, _furthest) > 0 ? entry.Position : _furthest;
            }

            return true;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            _redis?.Dispose();
            _redis = null;
            return false;
        }
    }
}
