using System.Security.Cryptography;

namespace Penstock.Runtime.Tests.Model;

/// <summary>
/// Everything that can matter for what comes next, in 128 bits of a hash: the durable world, what the production objects say of themselves, and where each
/// message is. A checkpoint's generation is left out: it only ever rises.
/// </summary>
ref struct Fingerprint
{
    readonly Span<byte> _bytes;
    int _length;

    Fingerprint(Span<byte> bytes) => _bytes = bytes;

    public static UInt128 Of(Player player)
    {
        var print = new Fingerprint(stackalloc byte[1024]);
        print.Add(player.World);
        print.Add(player.Host, player.HasReplayed);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(print._bytes[..print._length], hash);
        return BitConverter.ToUInt128(hash);
    }

    void Add(long number) => _bytes[_length++] = number == long.MaxValue ? byte.MaxValue : checked((byte)number);

    void Add(bool flag) => Add(flag ? 1 : 0);

    void Add(World world)
    {
        for (var sink = 0; sink < world.Scope.Sinks.Count; sink++)
        {
            for (var number = 1; number <= world.Scope.Events; number++)
            {
                Add(world.Counts[sink][number] + (world.Dead[sink][number] ? 4 : 0));
            }

            foreach (var stored in world.Stored[sink])
            {
                Add(stored);
            }

            var cursor = world.Durable.CursorOf(world.Scope.Sinks[sink].Name);
            Add(Place.Of(cursor?.Settled ?? []));
            Add(cursor?.Layout.Lanes ?? 0);
            foreach (var held in cursor?.Held ?? [])
            {
                Add(Place.Of(held));
            }
        }

        Add(Place.Of(world.Durable.Partitions));
        Add(world.Durable.Generation > 0);
        Add(world.Confirmed);
        Add(world.Persisted);
        Add(world.HighestRead);
        Add(world.HasOtherLanes);
        Add(world.MayRepeat.After);
        Add(world.MayRepeat.UpTo);
        Add(world.HostCrashes);
        Add(world.SourceCrashes);
        Add(world.Stops);
        Add(world.LaneChanges);
        Add(world.FailedSaves);
    }

    void Add(Host host, bool hasReplayed)
    {
        var source = host.Source;
        Add(hasReplayed);
        Add(host.IsReplay);
        Add(host.Committer.CaughtUp.IsCompleted);
        Add(host.IsCommitting);
        Add(source.IsAcknowledging);
        Add(source.IsStopped);
        Add(source.CanYield);
        Add(source.Next);
        Add(source.Released);
        Add(source.IsBroken);
        Add(source.Events);
        Add(source.Outstanding.Count);
        Add(host.Ledger.Read);
        Add(host.Ledger.Settled());
        Add(host.Ledger.HasRoom());
        Add(host.Store.Late is not null);
        for (var sink = 0; sink < host.Lanes.Length; sink++)
        {
            Add(host.Letters[sink].OpenCount);
            Add(host.BeganAt[sink]);
            for (var lane = 0; lane < host.Lanes[sink].Length; lane++)
            {
                Add(host, sink, lane);
            }
        }
    }

    void Add(Host host, int sink, int lane)
    {
        var its = host.Lanes[sink][lane];
        Add(its.Waiting.Count);
        foreach (var number in its.Waiting)
        {
            Add(number);
        }

        Add(its.Open.Length);
        foreach (var change in its.Open)
        {
            Add(Place.NumberOf(change));
        }

        Add(its.CanSettle);
        Add(its.Sink.Late.Count);
        var feed = host.Routes[sink].Feeds[lane];
        Add(feed.OldestOpen);
        Add(feed.Delivered);
        Add(feed.DeadLettered);
        Add(Place.Of(feed.Held));
        Add(Place.Of([.. its.Stored.Select(stored => stored.Position)]));
    }
}
