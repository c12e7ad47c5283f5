using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Settlement;

/// <summary>The state directory lies on a disk that is full for a while.</summary>
public sealed class FullDiskTests
{
    const int Last = 5_000;

    [Fact]
    public async Task Nothing_is_acknowledged_while_the_checkpoint_finds_no_room_and_work_goes_on_when_it_does()
    {
        using var disk = new SmallDisk();
        using var rig = new Rig();
        var log = new LogBook();
        rig.Options = rig.Options with { StateDirectory = disk.Path };
        rig.Services = rig.Services with { LoggerFactory = log };
        rig.Log.AppendChanges(1, 100, keys: 5);
        await using var running = rig.Start();
        await Until.Holds(() => running.Source.Acknowledged.Count == 100);

        disk.Fill();
        rig.Log.AppendChanges(101, 110, keys: 5);
        await Until.Holds(() => log.Has(109));
        rig.Log.AppendChanges(111, Last, keys: 5);
        await Until.Holds(() => rig.Store.Count > 110);
        Assert.Equal(100, running.Source.Acknowledged.Count);
        // Reading is held, too, at the first event: what is read and not checkpointed would only come again.
        Assert.Equal(111, running.Read);

        disk.MakeRoom();
        rig.Log.Complete();
        await running.EndAsync();
        Assert.Equal(Last, running.Source.Acknowledged.Count);
        Oracle.AssertExact(rig.Store, Last);
    }
}
