namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>Before the first scenario: a recorded run with a kill, and what the judge says when its record is spoilt.</summary>
public sealed class PlantedMistakes : IAsyncLifetime
{
    /// <summary>Findings of the record as it is, and spoilt in each way.</summary>
    internal IReadOnlyDictionary<string, int> Seen { get; private set; } = new Dictionary<string, int>();

    public async ValueTask InitializeAsync()
    {
        await using var world = await WalWorld.StartAsync();
        var host = await world.StartUnderLoadAsync();
        await world.Tail.GrowsAsync(500);
        host.Kill();
        host.Dispose();
        world.Tail.Look();
        var mark = world.Tail.Entries.Count;
        var checkpoint = world.Checkpoint;
        using var last = world.StartHost();
        await world.Tail.GrowsAsync(100);
        var committed = await world.FinishAsync(last);

        List<Delivered> whole = [.. world.Tail.Entries];
        List<Mark> marks = [new Mark(mark, entry => string.CompareOrdinal(entry.Position, checkpoint) <= 0)];
        var later = whole.FindIndex(entry => entry.Value == 2);
        var earlier = whole.FindIndex(entry => entry.Counter == whole[later].Counter);
        var first = whole[earlier];
        List<Delivered> without = [.. whole.Where(entry => entry.EventId != first.EventId)];
        List<Delivered> twice = [.. whole, first];
        List<Delivered> swapped = [.. whole];
        (swapped[earlier], swapped[later]) = (swapped[later], swapped[earlier]);

        var duplicates = Findings.Of(committed, whole).Duplicates.Count;
        Seen = new Dictionary<string, int>
        {
            ["whole: lost"] = Findings.Of(committed, whole).Lost.Count,
            ["whole: out of order"] = Findings.Of(committed, whole).OutOfOrder.Count,
            ["whole: below the checkpoint"] = Mark.Repeated(whole, marks).Count,
            ["loss"] = Findings.Of(committed, without).Lost.Count,
            ["duplicate"] = Findings.Of(committed, twice).Duplicates.Count - duplicates,
            ["below the checkpoint"] = Mark.Repeated(twice, marks).Count,
            ["disorder"] = Findings.Of(committed, swapped).OutOfOrder.Count,
        };
        Verify();
        Report.Planted(Seen);
    }

    public ValueTask DisposeAsync() => default;

    // Here, too: a scenario after a blind judge proves nothing.
    internal void Verify()
    {
        Assert.All(Seen.Where(seen => seen.Key.StartsWith("whole", StringComparison.Ordinal)), seen => Assert.Equal(0, seen.Value));
        Assert.Equal(1, Seen["loss"]);
        Assert.Equal(1, Seen["duplicate"]);
        Assert.Equal(1, Seen["below the checkpoint"]);
        Assert.InRange(Seen["disorder"], 1, int.MaxValue);
    }
}
