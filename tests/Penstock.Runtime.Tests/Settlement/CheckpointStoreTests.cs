using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Runtime.Settlement;
using Penstock.TestServers;

namespace Penstock.Runtime.Tests.Settlement;

public sealed class CheckpointStoreTests : IDisposable
{
    readonly TempDirectory _directory = new("checkpoint");
    readonly Meter _meter = new("test");

    public void Dispose()
    {
        _meter.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void What_was_saved_is_loaded_partition_by_partition()
    {
        var store = Store();
        store.Save(new Checkpoint(1, [Mark("", 7), Mark("a@b \"ü\n", UInt128.MaxValue)]));

        var loaded = Store().Load();

        Assert.Equal(1, loaded.Generation);
        Assert.Equal([new SourcePosition("", 7), new SourcePosition("a@b \"ü\n", UInt128.MaxValue)], loaded.Partitions.Select(mark => mark.Position));
        Assert.All(loaded.Partitions, mark => Assert.Equal([1, 2, 255], mark.State.ToArray()));
    }

    [Fact]
    public void No_file_is_no_checkpoint() => Assert.Same(Checkpoint.None, Store().Load());

    [Fact]
    public void Two_generations_take_turns_and_the_newer_counts()
    {
        Save(1, 2, 3);

        Assert.Equal(3, Store().Load().Generation);
        File.Delete(FileOf(1));
        Assert.Equal(2, Store().Load().Generation);
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_never_believed()
    {
        Save(1, 2);
        var whole = File.ReadAllBytes(FileOf(0));
        for (var length = 0; length < whole.Length; length++)
        {
            AssertFallsBackOrRefuses(whole[..length]);
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_never_believed()
    {
        Save(1, 2);
        var whole = File.ReadAllBytes(FileOf(0));
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertFallsBackOrRefuses(damaged);
        }

        // The undamaged file is believed: the refusals above were for the damage.
        File.WriteAllBytes(FileOf(0), whole);
        Assert.Equal(2, Store().Load().Generation);
    }

    [Theory]
    [InlineData("other", "s", "other/s")]
    [InlineData("p", "other", "p/other")]
    public void The_checkpoint_of_another_source_is_refused(string pipeline, string source, string owner)
    {
        Store(pipeline, source).Save(new Checkpoint(1, [Mark("", 7)]));
        var theirs = Path.Combine(_directory.Path, $"{source}.checkpoint.1");
        if (theirs != FileOf(1))
        {
            File.Move(theirs, FileOf(1));
        }

        var refusal = Assert.Throws<PipelineFailureException>(() => Store().Load());

        Assert.Contains($"it belongs to {owner}", refusal.Message);
        Assert.Contains("to start where the source itself starts", refusal.Message);
    }

    [Fact]
    public void A_new_file_that_a_crash_left_is_ignored_and_overwritten()
    {
        Save(1, 2);
        File.WriteAllText(FileOf(1) + ".new", new string('x', 10_000));

        Assert.Equal(2, Store().Load().Generation);
        Save(3);
        Assert.Equal(3, Store().Load().Generation);
        Assert.False(File.Exists(FileOf(1) + ".new"));
    }

    void AssertFallsBackOrRefuses(byte[] newer)
    {
        File.WriteAllBytes(FileOf(0), newer);
        Assert.Equal(1, Store().Load().Generation);

        var older = File.ReadAllBytes(FileOf(1));
        File.WriteAllBytes(FileOf(1), newer);
        Assert.Throws<PipelineFailureException>(() => Store().Load());
        File.WriteAllBytes(FileOf(1), older);
    }

    void Save(params int[] generations)
    {
        foreach (var generation in generations)
        {
            Store().Save(new Checkpoint(generation, [Mark("", (ulong)generation)]));
        }
    }

    string FileOf(int generation) => _directory.Combine($"s.checkpoint.{generation}");

    CheckpointStore Store(string pipeline = "p", string source = "s") =>
        new(_directory.Path, pipeline, source, new RuntimeServices(NullLoggerFactory.Instance, TimeProvider.System, _meter));

    static Watermark Mark(string partition, UInt128 order) => new(new SourcePosition(partition, order)) { State = new byte[] { 1, 2, 255 } };
}
