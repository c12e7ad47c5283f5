using Penstock.Sinks.File;
using static Penstock.Sinks.Tests.SampleEvents;

namespace Penstock.Sinks.Tests;

public sealed class FileSinkTests : IDisposable
{
    readonly FileSinkFixture _fixture = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Each_event_becomes_one_line_in_the_file_of_its_subject()
    {
        ChangeEvent[] batch = [Event(1, "a", "line\nbreak"), Event(2, "b"), Event(3, "a"), Event(4, "a")];
        await _fixture.WriteAsync(batch);

        Assert.Equal(Lines(batch[0], batch[2], batch[3]), _fixture.TextOf("a.jsonl"));
        Assert.Equal(Lines(batch[1]), _fixture.TextOf("b.jsonl"));
    }

    [Fact]
    public async Task An_existing_file_is_appended_to()
    {
        await _fixture.WriteAsync(Event(1));
        await _fixture.WriteAsync(Event(2), Event(3));

        Assert.Equal(Lines(Event(1), Event(2), Event(3)), _fixture.TextOf("public.orders.jsonl"));
        Assert.Empty(_fixture.Logger.Messages);
    }

    [Fact]
    public void A_file_that_is_gone_when_it_is_to_grow_is_left_alone_and_the_batch_comes_again()
    {
        var path = _fixture.PathOf("orders.jsonl");
        using var file = AppendFile.Open(path, _fixture.PathOf(), _fixture.Logger, _fixture.FlushToDisk);
        file.Append([new byte[] { (byte)'\n' }]);
        file.Commit();
        System.IO.File.Move(path, path + ".1");

        var failure = Assert.Throws<PluginException>(() => file.Append([new byte[] { (byte)'\n' }]));

        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Contains("renamed or deleted", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, new FileInfo(path + ".1").Length);
    }

    [Fact]
    public async Task A_torn_last_line_is_cut_off_wherever_it_tore()
    {
        var kept = Lines(Event(1), Event(2));
        var last = Line(Event(3));
        var path = _fixture.PathOf("public.orders.jsonl");
        for (var bytes = 0; bytes < last.Length; bytes++)
        {
            _fixture.Logger.Messages.Clear();
            await System.IO.File.WriteAllTextAsync(path, kept + last[..bytes], Token);
            await _fixture.WriteAsync(Event(4));

            Assert.Equal(kept + Line(Event(4)), _fixture.TextOf("public.orders.jsonl"));
            Assert.Equal(bytes > 0, _fixture.Logger.Messages.Exists(m => m.Contains(path) && m.Contains($"cut off {bytes} bytes")));
        }
    }

    [Fact]
    public async Task A_torn_line_longer_than_a_block_is_found()
    {
        var path = _fixture.PathOf("public.orders.jsonl");
        await System.IO.File.WriteAllTextAsync(path, Line(Event(1)) + new string('x', 200_000), Token);
        await _fixture.WriteAsync(Event(2));
        Assert.Equal(Lines(Event(1), Event(2)), _fixture.TextOf("public.orders.jsonl"));

        await System.IO.File.WriteAllTextAsync(path, new string('x', 200_000), Token);
        await _fixture.WriteAsync(Event(2));
        Assert.Equal(Line(Event(2)), _fixture.TextOf("public.orders.jsonl"));

        // The last line break lies in a block that is not the file's first.
        var longLine = Line(Event(1, note: new string('x', 300_000)));
        await System.IO.File.WriteAllTextAsync(path, longLine + longLine[..70_000], Token);
        await _fixture.WriteAsync(Event(2));
        Assert.Equal(longLine + Line(Event(2)), _fixture.TextOf("public.orders.jsonl"));
    }

    [Fact]
    public async Task Everything_is_flushed_before_a_write_returns()
    {
        var flushed = 0;
        _fixture.FlushToDisk = handle =>
        {
            flushed++;
            RandomAccess.FlushToDisk(handle);
        };
        await using var sink = _fixture.Sink();
        await sink.OpenAsync(Token);
        await sink.WriteAsync([Event(1, "a"), Event(2, "b")], Token);
        Assert.Equal(4, flushed);
        await sink.WriteAsync([Event(3, "a"), Event(4, "b"), Event(5, "a")], Token);
        Assert.Equal(6, flushed);
    }

    [Fact]
    public async Task A_failed_flush_is_permanent_and_leaves_nothing_of_its_batch()
    {
        await _fixture.WriteAsync(Event(1, "a"));
        await using var sink = _fixture.Sink();
        await sink.OpenAsync(Token);
        await sink.WriteAsync([Event(2, "a"), Event(3, "b")], Token);
        var calls = 0;
        _fixture.FlushToDisk = _ => throw new IOException($"Input/output error {++calls}");

        var failure = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync([Event(4, "b"), Event(5, "a")], Token));

        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains("b.jsonl", failure.Message);
        Assert.Equal(1, calls);
        Assert.Equal(Lines(Event(1, "a"), Event(2, "a")), _fixture.TextOf("a.jsonl"));
        Assert.Equal(Line(Event(3, "b")), _fixture.TextOf("b.jsonl"));
    }

    [Fact]
    public async Task A_second_writer_and_a_cut_file_are_noticed()
    {
        await using var sink = _fixture.Sink();
        await sink.OpenAsync(Token);
        await sink.WriteAsync([Event(1)], Token);
        var path = _fixture.PathOf("public.orders.jsonl");

        foreach (var text in (string[])[Lines(Event(1), Event(9)), ""])
        {
            await System.IO.File.WriteAllTextAsync(path, text, Token);
            var failure = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync([Event(2)], Token));
            Assert.Equal(FailureKind.Permanent, failure.Kind);
            Assert.Equal(text, _fixture.TextOf("public.orders.jsonl"));
        }
    }

    [Fact]
    public async Task A_renamed_file_is_followed_by_a_new_one()
    {
        await using var sink = _fixture.Sink();
        await sink.OpenAsync(Token);
        await sink.WriteAsync([Event(1)], Token);
        System.IO.File.Move(_fixture.PathOf("public.orders.jsonl"), _fixture.PathOf("rotated"));
        await sink.WriteAsync([Event(2)], Token);

        Assert.Equal(Line(Event(1)), _fixture.TextOf("rotated"));
        Assert.Equal(Line(Event(2)), _fixture.TextOf("public.orders.jsonl"));
    }

    [Fact]
    public async Task More_files_than_stay_open_all_get_their_lines()
    {
        var batch = Enumerable.Range(0, (OpenFiles.Capacity * 2) + 10).Select(i => Event((ulong)i, $"s{i}")).ToArray();
        _fixture.FlushToDisk = _ => { };
        await using var sink = _fixture.Sink();
        await sink.OpenAsync(Token);
        await sink.WriteAsync(batch, Token);
        await sink.WriteAsync(batch, Token);

        foreach (var change in batch)
        {
            Assert.Equal(Lines(change, change), _fixture.TextOf(change.Subject + ".jsonl"));
        }

        var open = Directory.GetFiles("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(_fixture.PathOf(""), StringComparison.Ordinal) == true);
        Assert.InRange(open, 1, OpenFiles.Capacity);
    }

    [Fact]
    public async Task A_batch_of_many_files_that_is_sent_again_goes_on_where_it_failed()
    {
        var batch = Enumerable.Range(0, OpenFiles.Capacity + 10).Select(i => Event((ulong)i, $"s{i}")).ToArray();
        _fixture.FlushToDisk = _ => { };
        var obstacle = _fixture.PathOf($"{batch[^1].Subject}.jsonl");
        Directory.CreateDirectory(obstacle);
        await using var sink = _fixture.Sink();
        await sink.OpenAsync(Token);
        await Assert.ThrowsAnyAsync<Exception>(async () => await sink.WriteAsync(batch, Token));
        Assert.Equal(Line(batch[0]), _fixture.TextOf("s0.jsonl"));

        Directory.Delete(obstacle);
        await sink.WriteAsync(batch, Token);
        Assert.All(batch, change => Assert.Equal(Line(change), _fixture.TextOf(change.Subject + ".jsonl")));

        // What succeeded as a whole and is sent once more is another batch.
        await sink.WriteAsync(batch, Token);
        Assert.All(batch, change => Assert.Equal(Lines(change, change), _fixture.TextOf(change.Subject + ".jsonl")));
    }

    [Fact]
    public async Task The_name_of_an_empty_file_is_made_durable_by_whoever_writes_first()
    {
        await System.IO.File.WriteAllTextAsync(_fixture.PathOf("a.jsonl"), "", Token);
        var flushed = 0;
        _fixture.FlushToDisk = _ => flushed++;
        await _fixture.WriteAsync(Event(1, "a"));
        Assert.Equal(2, flushed);
        await _fixture.WriteAsync(Event(2, "a"));
        Assert.Equal(3, flushed);
    }

    [Fact]
    public async Task Files_are_not_open_to_the_world()
    {
        await _fixture.WriteAsync(Event(1));
        var mode = System.IO.File.GetUnixFileMode(_fixture.PathOf("public.orders.jsonl"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode & ~UnixFileMode.GroupRead);
    }

    [Fact]
    public async Task No_symbolic_link_is_followed()
    {
        var target = _fixture.PathOf("victim");
        await System.IO.File.WriteAllTextAsync(target, "precious", Token);
        System.IO.File.CreateSymbolicLink(_fixture.PathOf("a.jsonl"), target);
        System.IO.File.CreateSymbolicLink(_fixture.PathOf("dangling.jsonl"), _fixture.PathOf("elsewhere"));
        Directory.CreateDirectory(_fixture.PathOf("outside"));
        Directory.CreateSymbolicLink(_fixture.PathOf("folder"), _fixture.PathOf("outside"));

        foreach (var (template, subject) in ((string, string)[])[("{subject}.jsonl", "a"), ("{subject}.jsonl", "dangling"), ("{subject}/x/lines", "folder")])
        {
            await using var sink = _fixture.Sink(template);
            await sink.OpenAsync(Token);
            var failure = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync([Event(1, subject)], Token));
            Assert.Equal(FailureKind.Permanent, failure.Kind);
            Assert.Contains("symbolic link", failure.Message);
        }

        Assert.Equal("precious", _fixture.TextOf("victim"));
        Assert.False(System.IO.File.Exists(_fixture.PathOf("elsewhere")));
        Assert.Empty(Directory.GetFileSystemEntries(_fixture.PathOf("outside")));
    }

    [Fact]
    public void It_promises_flushed_writes_on_one_lane()
    {
        Assert.Equal(Durability.Flushed, new FilePlugin().Traits.Durability);
        Assert.Equal(1, new FilePlugin().Traits.MaxLanes);
    }
}
