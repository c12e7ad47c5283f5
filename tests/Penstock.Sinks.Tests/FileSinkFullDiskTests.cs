using System.Diagnostics;
using static Penstock.Sinks.Tests.SampleEvents;

namespace Penstock.Sinks.Tests;

public sealed class FileSinkFullDiskTests : IDisposable
{
    readonly FileSinkFixture _fixture = new();
    readonly string _disk;

    public FileSinkFullDiskTests()
    {
        _disk = _fixture.PathOf("disk");
        Directory.CreateDirectory(_disk);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Run("umount", _disk);
        _fixture.Dispose();
    }

    [Fact]
    public async Task A_full_disk_leaves_whole_lines_and_the_batch_succeeds_once_there_is_room()
    {
        if (Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _disk) is not 0 and var exitCode)
        {
            Assert.Skip($"needs to mount a small tmpfs, and mount exited with {exitCode}: run as root to include this test");
        }

        var ballast = Path.Combine(_disk, "ballast");
        await System.IO.File.WriteAllBytesAsync(ballast, new byte[32 * 1024], Token);
        await using var sink = _fixture.Sink(directory: _disk);
        await sink.OpenAsync(Token);
        await sink.WriteAsync([Event(1, "a"), Event(2, "b")], Token);
        ChangeEvent[] batch = [Event(3, "a"), Event(4, "b", new string('x', 40_000)), Event(5, "a")];

        var failure = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(batch, Token));

        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Contains("b.jsonl", failure.Message);
        Assert.Equal(Line(Event(1, "a")), TextOf("a"));
        Assert.Equal(Line(Event(2, "b")), TextOf("b"));

        System.IO.File.Delete(ballast);
        await sink.WriteAsync(batch, Token);

        Assert.Equal(Lines(Event(1, "a"), batch[0], batch[2]), TextOf("a"));
        Assert.Equal(Lines(Event(2, "b"), batch[1]), TextOf("b"));
    }

    string TextOf(string subject) => System.IO.File.ReadAllText(Path.Combine(_disk, subject + ".jsonl"));

    static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
