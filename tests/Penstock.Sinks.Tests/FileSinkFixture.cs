using Microsoft.Win32.SafeHandles;
using Penstock.Sinks.File;
using Penstock.TestServers;

namespace Penstock.Sinks.Tests;

/// <summary>A directory, and file sinks that write into it.</summary>
sealed class FileSinkFixture : IDisposable
{
    readonly TempDirectory _directory = new("file-sink");

    public ListLogger Logger { get; } = new();

    public Action<SafeFileHandle> FlushToDisk { get; set; } = RandomAccess.FlushToDisk;

    public string PathOf(string name) => _directory.Combine(name);

    public string TextOf(string name) => System.IO.File.ReadAllText(PathOf(name));

    public FileSink Sink(string template = "{subject}.jsonl", string? directory = null)
    {
        Assert.Null(PathTemplate.TryParse(Path.Combine(directory ?? _directory.Path, template), out var parsed));
        return new FileSink(parsed!, Logger, handle => FlushToDisk(handle));
    }

    /// <summary>Opens a sink, writes the events as one batch, and closes it.</summary>
    public async Task WriteAsync(params ChangeEvent[] batch)
    {
        await using var sink = Sink();
        await sink.OpenAsync(TestContext.Current.CancellationToken);
        await sink.WriteAsync(batch, TestContext.Current.CancellationToken);
    }

    public void Dispose() => _directory.Dispose();
}
