using Penstock.Redis;
using Penstock.Sources.RedisStreams;
using Penstock.TestServers;
using static Penstock.RedisStreams.Tests.Streams;

namespace Penstock.RedisStreams.Tests;

/// <summary>Streams in a cluster: one reader for each slot, which follows it.</summary>
public sealed class ClusterReadingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Scenario", "RS21")]
    public async Task Streams_of_all_primaries_are_read_while_a_slot_moves_and_nothing_is_lost(bool ordered)
    {
        await using var cluster = await ClusterServers.StartAsync();
        string[] streams = [cluster.KeyAt(0, "s"), cluster.KeyAt(1, "s"), cluster.KeyAt(2, "s")];
        await using var host = SourceReading.AsAHost(Create(cluster, streams, ordered));
        await host.ReceivesAsync(0);
        using var writer = new Writer(cluster, streams);
        await Eventually.HoldsAsync(() => streams.All(stream => host.Events.Any(change => change.Subject == stream)), "each stream is read");

        var slot = cluster.SlotOf(streams[0]);
        await cluster.MigrateAsync(slot, cluster.Servers[1]);
        await cluster.MigrateAsync(slot, cluster.Servers[2]);
        var written = await writer.StopAsync(andThen: 100);
        await Eventually.HoldsAsync(() => streams.All(stream => NumbersOf(host, stream).Distinct().Count() >= written), "every entry has come");

        Assert.All(streams, stream => Assert.Equal(Enumerable.Range(1, written), NumbersOf(host, stream).Distinct()));
        Assert.Empty(host.Losses);
        using var moved = cluster.Client(cluster.PrimaryOf(streams[0]));
        await Eventually.HoldsAsync(() => Pending(moved, streams[0]) == 0, "everything is acknowledged at the new owner");
    }

    [Fact]
    [Trait("Scenario", "RS09")]
    public async Task A_failover_under_load_loses_nothing_that_the_new_primary_has()
    {
        await using var cluster = await ClusterServers.StartAsync(withReplicas: true);
        string[] streams = [cluster.KeyAt(0, "s"), cluster.KeyAt(1, "s")];
        await using var host = SourceReading.AsAHost(Create(cluster, streams, ordered: false));
        using var writer = new Writer(cluster, streams);
        await Eventually.HoldsAsync(() => streams.All(stream => host.Events.Any(change => change.Subject == stream)), "each stream is read");
        await cluster.FailOverAsync(cluster.Servers[0]);
        var written = await writer.StopAsync(andThen: 100);

        foreach (var stream in streams)
        {
            using var redis = cluster.Client(cluster.PrimaryOf(stream));
            var there = redis.Entries(stream).Select(entry => int.Parse(entry.Fields["n"])).ToHashSet();
            await Eventually.HoldsAsync(() => there.IsSubsetOf(NumbersOf(host, stream)), "all that is there has come");
            Assert.Contains(written, there);
        }
    }

    static IEnumerable<int> NumbersOf(SourceReading host, string stream) => host.Events.Where(change => change.Subject == stream).Select(Number);

    static IChangeSource Create(ClusterServers cluster, string[] streams, bool ordered) => SourceReading.Create(new RedisStreamsOptions
    {
        Connection = new RedisConnectionOptions
        {
            Endpoints = [.. cluster.Servers.Select(server => server.Endpoint)],
            Topology = RedisTopology.Cluster,
            ConnectTimeout = TimeSpan.FromSeconds(1),
        },
        Streams = streams,
        Group = "g",
        Ordered = ordered,
        Block = TimeSpan.FromMilliseconds(200),
    });

    /// <summary>Adds numbers to each stream, each once, wherever its slot is.</summary>
    sealed class Writer : IDisposable
    {
        readonly ClusterServers _cluster;
        readonly string[] _streams;
        readonly CancellationTokenSource _enough = new();
        readonly Task<int> _writing;
        int _more;

        public Writer(ClusterServers cluster, string[] streams)
        {
            _cluster = cluster;
            _streams = streams;
            _writing = Task.Run(Write);
        }

        /// <summary>How many numbers are in each stream.</summary>
        public async Task<int> StopAsync(int andThen)
        {
            _more = andThen;
            await _enough.CancelAsync();
            return await _writing;
        }

        public void Dispose() => _enough.Cancel();

        int Write()
        {
            var n = 0;
            while (!_enough.IsCancellationRequested || _more-- > 0)
            {
                n++;
                foreach (var stream in _streams)
                {
                    while (!TryAdd(stream, n))
                    {
                    }
                }
            }

            return n;
        }

        // The id makes sure that an answer that got lost adds nothing twice.
        bool TryAdd(string stream, int n)
        {
            try
            {
                using var redis = _cluster.Client(_cluster.PrimaryOf(stream));
                redis.Send("XADD", stream, $"{1700000000000 + n}-0", "n", $"{n}");
                return true;
            }
            catch (Exception e) when (e is InvalidOperationException or IOException or System.Net.Sockets.SocketException)
            {
                return e.Message.Contains("equal or smaller", StringComparison.Ordinal);
            }
        }
    }
}
