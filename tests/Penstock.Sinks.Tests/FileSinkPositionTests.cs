using System.Text;
using Penstock.Sinks.File;
using static Penstock.Sinks.Tests.SampleEvents;
using FileOptions = Penstock.Sinks.File.FileOptions;

namespace Penstock.Sinks.Tests;

/// <summary>What the sink says after a restart that its files hold.</summary>
public sealed class FileSinkPositionTests : IDisposable
{
    readonly FileSinkFixture _fixture = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Whatever_a_crash_leaves_of_a_file_its_position_is_that_of_the_last_whole_line()
    {
        ChangeEvent[] batch = [Event(1), Event(2, note: "tür\n\"}"), Event(3, note: new string('x', 40))];
        await _fixture.WriteAsync(batch);
        var path = _fixture.PathOf("public.orders.jsonl");
        var whole = await System.IO.File.ReadAllBytesAsync(path, Token);
        for (var length = 0; length <= whole.Length; length++)
        {
            await System.IO.File.WriteAllBytesAsync(path, whole[..length], Token);
            var lines = whole[..length].Count(b => b == '\n');
            Assert.Equal(lines == 0 ? [] : [Stored(batch[lines - 1])], await _fixture.PositionsAsync());
            Assert.Equal(length, new FileInfo(path).Length);
        }

        Assert.Empty(_fixture.Logger.Messages);
    }

    [Fact]
    public async Task Every_subject_has_a_position_of_its_own_and_it_comes_from_the_line()
    {
        string[] subjects = ["a", "public.orders", "", "../x", ".hidden", "é/%2F", "%empty", new('s', 1000), "a\nb"];
        var batch = subjects.SelectMany((subject, i) => (ChangeEvent[])[Event((ulong)i + 1, subject), Event((ulong)i + 100, subject)]).ToArray();
        foreach (var template in (string[])["{subject}.jsonl", ".{subject}", "x/{source}/{subject}-{subject}", "{subject}//./all.jsonl"])
        {
            await _fixture.WriteToAsync(template, batch);
            Assert.Equal(
                subjects.Select((subject, i) => Stored(Event((ulong)i + 100, subject))).Order(BySubject),
                (await _fixture.PositionsAsync(template)).Order(BySubject));
        }
    }

    [Fact]
    public async Task Without_the_subject_in_its_name_a_file_speaks_for_all_subjects()
    {
        await _fixture.WriteToAsync("all.jsonl", Event(1, "a"), Event(2, "b"));
        Assert.Equal([Stored(Event(2)) with { Subject = null }], await _fixture.PositionsAsync("all.jsonl"));

        await _fixture.WriteToAsync("{source}.log", Event(3, "a", origin: "pipe/one"), Event(4, "b", origin: "pipe/two"), Event(5, "c", origin: "pipe/one"));
        Assert.Equal(
            [new StoredPosition("one", Event(5).Position), new StoredPosition("two", Event(4).Position)],
            (await _fixture.PositionsAsync("{source}.log")).OrderBy(stored => stored.Source));
    }

    [Fact]
    public async Task Every_partition_of_a_source_has_a_position()
    {
        await _fixture.WriteAsync(
            Event(9, partition: "p1"), Event(3, partition: "p2"), Event(4, partition: "p2"), Event(10, partition: "p1"), Event(2, partition: "p3"), Event(5, partition: "p2"));

        Assert.Equal(
            [new("p1", Event(10).Position.Order), new("p2", Event(5).Position.Order), new("p3", Event(2).Position.Order)],
            (await _fixture.PositionsAsync()).Select(stored => stored.Position).OrderBy(position => position.Partition));
    }

    [Fact]
    public async Task Replayed_dead_letters_are_passed_over()
    {
        await _fixture.WriteAsync(Event(1), Event(7), Event(3, replayed: true), Event(4, replayed: true));
        Assert.Equal([Stored(Event(7))], await _fixture.PositionsAsync());

        await _fixture.WriteToAsync("other/{subject}", Event(3, replayed: true));
        Assert.Empty(await _fixture.PositionsAsync("other/{subject}"));
        Assert.Empty(_fixture.Logger.Messages);
    }

    [Fact]
    public async Task Lines_of_others_are_read_past_and_their_writer_is_named()
    {
        var path = _fixture.PathOf("public.orders.jsonl");
        var own = Event(7);
        string[] foreign =
        [
            "hello\n", "\n", "{}\n", "[1]\n", "{\"id\":\n", "null\n",
            Line(Event(9, origin: "other/src")),
            Line(Event(9)).Replace("pipe/src:", "pipe/source:", StringComparison.Ordinal),
            Line(Event(9)).Replace("\"position\":\"0", "\"position\":\"x", StringComparison.Ordinal),
            Line(Event(9)).TrimEnd() + "{}\n",
            new string('x', 300_000) + "\n",
        ];
        foreach (var tail in foreign.Append(string.Concat(foreign)))
        {
            _fixture.Logger.Messages.Clear();
            await System.IO.File.WriteAllTextAsync(path, Lines(Event(6), own) + tail + "torn", Token);
            Assert.Equal([Stored(own)], await _fixture.PositionsAsync());
            Assert.Contains($"{Encoding.UTF8.GetByteCount(tail)} bytes of {path}", Assert.Single(_fixture.Logger.Messages));
        }
    }

    [Fact]
    public async Task Pipelines_that_share_a_folder_see_their_own_files_only()
    {
        await _fixture.WriteAsync(
            Event(1, "a"), Event(2, "b", origin: "other/src"), Event(3, "c", origin: "other/src"), Event(4, "c"), Event(5, "c", origin: "other/src"));
        await System.IO.File.WriteAllTextAsync(_fixture.PathOf("notes.jsonl"), "not ours\n", Token);

        Assert.Equal([Stored(Event(1, "a")), Stored(Event(4, "c"))], (await _fixture.PositionsAsync()).Order(BySubject));
        Assert.Contains(_fixture.Logger.Messages, message => message.Contains("2 files below", StringComparison.Ordinal));
        Assert.Equal([Stored(Event(2, "b")), Stored(Event(5, "c"))], (await _fixture.PositionsAsync(pipeline: "other")).Order(BySubject));
        Assert.Empty(await _fixture.PositionsAsync(pipeline: "pip"));
    }

    [Fact]
    public async Task A_file_under_another_name_says_nothing()
    {
        await _fixture.WriteAsync(Event(1, "a"));
        System.IO.File.Move(_fixture.PathOf("a.jsonl"), _fixture.PathOf("a.old.jsonl"));
        Assert.Empty(await _fixture.PositionsAsync());

        await _fixture.WriteAsync(Event(2, "a"));
        Assert.Equal([Stored(Event(2, "a"))], await _fixture.PositionsAsync());
    }

    [Fact]
    public async Task Names_that_the_template_cannot_have_made_are_left_alone()
    {
        await _fixture.WriteToAsync("{source}/{subject}.jsonl", Event(1, "a"));
        Directory.CreateDirectory(_fixture.PathOf("src/b.jsonl"));
        Directory.CreateDirectory(_fixture.PathOf("sr c"));
        await System.IO.File.WriteAllTextAsync(_fixture.PathOf("src/a.jsonl.1"), Line(Event(9, "a")), Token);
        await System.IO.File.WriteAllTextAsync(_fixture.PathOf("src/with space.jsonl"), "x\n", Token);
        await System.IO.File.WriteAllTextAsync(_fixture.PathOf("sr c/a.jsonl"), "x\n", Token);
        System.IO.File.CreateSymbolicLink(_fixture.PathOf("src/link.jsonl"), _fixture.PathOf("src/a.jsonl"));
        Directory.CreateSymbolicLink(_fixture.PathOf("link"), _fixture.PathOf("src"));

        Assert.Equal([Stored(Event(1, "a"))], await _fixture.PositionsAsync("{source}/{subject}.jsonl"));
        Assert.Empty(await _fixture.PositionsAsync("{source}/{subject}/x.jsonl"));
        Assert.Empty(_fixture.Logger.Messages);
    }

    [Fact]
    public async Task With_the_key_in_the_path_and_without_files_there_are_no_positions()
    {
        Assert.Empty(await _fixture.PositionsAsync());
        await _fixture.WriteToAsync("{key}.jsonl", Event(1, key: "k"));
        Assert.Empty(await _fixture.PositionsAsync("{key}.jsonl"));
    }

    [Fact]
    public async Task What_is_reported_has_been_flushed_and_a_disk_that_fails_stops_it()
    {
        await _fixture.WriteAsync(Event(1, "a"), Event(2, "b"));
        var flushed = 0;
        _fixture.FlushToDisk = _ => Interlocked.Increment(ref flushed);
        Assert.Equal(2, (await _fixture.PositionsAsync()).Count);
        Assert.Equal(2, flushed);

        _fixture.FlushToDisk = _ => throw new IOException("Input/output error");
        var failure = await Assert.ThrowsAsync<PluginException>(() => _fixture.PositionsAsync());
        Assert.Equal(FailureKind.Permanent, failure.Kind);
    }

    [Fact]
    public async Task A_long_line_and_a_deep_one_are_read()
    {
        await _fixture.WriteAsync(Event(1, note: new string('x', 5_000_000)));
        Assert.Equal([Stored(Event(1))], await _fixture.PositionsAsync());

        var deep = Line(Event(2)).Replace("\"note\":\"x\"", $"\"note\":{new string('[', 500)}{new string(']', 500)}", StringComparison.Ordinal);
        await System.IO.File.AppendAllTextAsync(_fixture.PathOf("public.orders.jsonl"), deep, Token);
        Assert.Equal([Stored(Event(2))], await _fixture.PositionsAsync());
    }

    [Fact]
    public async Task A_hole_that_a_power_cut_left_before_the_last_line_is_refused_and_the_remedy_works()
    {
        ChangeEvent[] batch = [Event(1), Event(2, note: new string('x', 100)), Event(3)];
        var path = _fixture.PathOf("public.orders.jsonl");
        var text = Lines(batch);
        await System.IO.File.WriteAllTextAsync(path, text.Replace("xxxx", "\0\0\0\0", StringComparison.Ordinal), Token);

        var failure = await Assert.ThrowsAsync<PluginException>(() => _fixture.PositionsAsync());

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains($"\"truncate -s {Line(batch[0]).Length} {path}\"", failure.Message);
        await System.IO.File.WriteAllTextAsync(path, text[..Line(batch[0]).Length], Token);
        Assert.Equal([Stored(batch[0])], await _fixture.PositionsAsync());
    }

    [Fact]
    public async Task However_much_is_written_at_once_no_more_than_is_searched_for_holes_stays_unflushed()
    {
        var path = _fixture.PathOf("public.orders.jsonl");
        var lengths = new List<long>();
        _fixture.FlushToDisk = _ => lengths.Add(new FileInfo(path) is { Exists: true } file ? file.Length : 0);
        ChangeEvent[] batch = [Event(1), Event(2, note: new string('x', 5_000_000)), Event(3)];

        await _fixture.WriteAsync(batch);

        Assert.Equal(Lines(batch), _fixture.TextOf("public.orders.jsonl"));
        Assert.Equal(new FileInfo(path).Length, lengths[^1]);
        Assert.All(lengths.Zip(lengths.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 0, AppendFile.MaxUnflushed));
    }

    [Fact]
    public async Task Of_thousands_of_files_and_of_a_huge_one_only_the_ends_are_read()
    {
        const int Files = 3_000;
        Directory.CreateDirectory(_fixture.PathOf("many"));
        for (var i = 1; i < Files; i++)
        {
            await System.IO.File.WriteAllTextAsync(_fixture.PathOf("many", $"s{i}.jsonl"), Line(Event(1, $"s{i}")), Token);
        }

        // A terabyte that takes no room on the disk and would take minutes to read.
        await using (var file = System.IO.File.Create(_fixture.PathOf("many", "s0.jsonl")))
        {
            file.Position = 1L << 40;
            await file.WriteAsync(Encoding.UTF8.GetBytes(new string('x', AppendFile.MaxUnflushed) + "\n" + Line(Event(1, "s0"))), Token);
        }

        // The files of this test are dirty, and its clock is for the reading.
        _fixture.FlushToDisk = _ => { };
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(Files, (await _fixture.PositionsAsync("many/{subject}.jsonl")).Count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Files} files in {clock.Elapsed}");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("./out/{subject}.jsonl", true)]
    [InlineData("all.jsonl", true)]
    [InlineData("{source}/{subject}", true)]
    [InlineData("{subject}/{key}.jsonl", false)]
    public void It_says_with_which_paths_it_stores_positions(string path, bool expected) =>
        Assert.Equal(expected, new FilePlugin().GetTraits(new FileOptions { Path = path }).StoresPositions);

    static Comparer<StoredPosition> BySubject => Comparer<StoredPosition>.Create((a, b) => string.CompareOrdinal(a.Subject, b.Subject));

    static StoredPosition Stored(ChangeEvent change) => new(change.Origin.Source, change.Position) { Subject = change.Subject };
}
