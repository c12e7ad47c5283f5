using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>Does something with numbers at the owner of a slot, follows the slot, and writes down when the server took each.</summary>
sealed class ClusterPublisher : IAsyncDisposable
{
    const int BurstSize = 10;

    readonly ClusterServers _cluster;
    readonly Func<int, string[]> _command;
    readonly CancellationTokenSource _stop = new();
    readonly List<Published> _published = [];
    readonly Task _running;
    RedisServer _owner;

    public ClusterPublisher(ClusterServers cluster, RedisServer owner, Func<int, string[]> command)
    {
        _cluster = cluster;
        _owner = owner;
        _command = command;
        _running = Task.Run(RunAsync);
    }

    public static ClusterPublisher ToChannel(ClusterServers cluster, string channel) =>
        new(cluster, cluster.PrimaryOf(channel), number => ["SPUBLISH", channel, $"{number}"]);

    /// <summary>How many the servers took so far.</summary>
    public int Count
    {
        get
        {
            lock (_published)
            {
                return _published.Count;
            }
        }
    }

    public async Task<IReadOnlyList<Published>> StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        return _published;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    async Task RunAsync()
    {
        for (var number = 0; !_stop.IsCancellationRequested;)
        {
            try
            {
                using var client = _cluster.Client(_owner);
                while (!_stop.IsCancellationRequested)
                {
                    var from = TimeProvider.System.GetUtcNow();
                    client.Send(_command(number));
                    lock (_published)
                    {
                        _published.Add(new Published(number++, from, TimeProvider.System.GetUtcNow()));
                    }

                    if (number % BurstSize == 0)
                    {
                        await Eventually.BackOffAsync();
                    }
                }
            }
            catch (InvalidOperationException moved) when (moved.Message.StartsWith("MOVED", StringComparison.Ordinal))
            {
                _owner = _cluster.Servers.First(server => moved.Message.EndsWith(server.Endpoint, StringComparison.Ordinal));
            }
            catch (Exception down) when (down is InvalidOperationException or IOException or System.Net.Sockets.SocketException)
            {
                // One that does not answer may have taken it: its number is not used again.
                number++;
                _owner = _cluster.Servers.Where(server => server.IsRunning).ElementAt(number % _cluster.Servers.Count(server => server.IsRunning));
                await Eventually.BackOffAsync();
            }
        }
    }
}
