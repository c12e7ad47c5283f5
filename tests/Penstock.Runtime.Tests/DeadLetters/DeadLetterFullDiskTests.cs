using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Tests.Support;
using static Penstock.Runtime.Tests.DeadLetters.Letters;

namespace Penstock.Runtime.Tests.DeadLetters;

/// <summary>On a real disk of 64 KiB.</summary>
public sealed class DeadLetterFullDiskTests : IDisposable
{
    readonly Letters _letters = new();
    readonly SmallDisk _disk = new();

    public void Dispose()
    {
        _disk.Dispose();
        _letters.Dispose();
    }

    [Fact]
    public void A_full_disk_keeps_nothing_of_a_batch_and_takes_all_of_it_once_there_is_room()
    {
        var store = _letters.StoreIn(_disk.Path);
        store.Keep([Refused(1)]);
        var file = Assert.Single(Directory.GetFiles(_disk.Path));
        var before = File.ReadAllBytes(file);
        var ballast = Path.Combine(_disk.Path, "ballast");
        File.WriteAllBytes(ballast, new byte[40 * 1024]);
        // The first letter of the batch fits, the second does not.
        DeadLetter[] batch = [Refused(2, key: "two"), Refused(3, key: "three", text: new string('x', 20_000))];

        for (var attempt = 0; attempt < 3; attempt++)
        {
            Assert.Throws<IOException>(() => store.Keep(batch));
            Assert.Equal(before, File.ReadAllBytes(file));
            Assert.Equal((1, false), (store.OpenCount, store.IsParked(Change(4, key: "two"))));
        }

        File.Delete(ballast);
        store.Keep(batch);

        Assert.True(store.IsParked(Change(4, key: "two")));
        Assert.Equal(3, _letters.StoreIn(_disk.Path).OpenCount);
    }
}
