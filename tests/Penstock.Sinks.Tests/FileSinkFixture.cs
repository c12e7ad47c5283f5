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

    public string PathOf(params ReadOnlySpan<string> names) => _directory.Combine(names);

    public string TextOf(string name) => System.IO.File.ReadAllText(PathOf(name));

    public FileSink Sink(string template = "{subject}.jsonl", string? directory = null, string pipeline = "pipe")
    {
        Assert.Null(PathTemplate.TryParse(Path.Combine(directory ?? _directory.Path, template), out var parsed));
        return new FileSink(parsed!, pipeline, Logger, handle => FlushToDisk(handle));
    }

    /// <summary>Opens a sink, writes the events as one batch, and closes it.</summary>
    public Task WriteAsync(params ChangeEvent[] batch) => WriteToAsync("{subject}.jsonl", batch);

    /// <inheritdoc cref="WriteAsync"/>
    public async Task WriteToAsync(string template, params ChangeEvent[] batch)
    {
        await using var sink = Sink(template);
        await sink.OpenAsync(TestContext.Current.CancellationToken);
        await sink.WriteAsync(batch, TestContext.Current.CancellationToken);
    }

    /// <summary>What a new sink says that the files hold.</summary>
    public async Task<IReadOnlyList<StoredPosition>> PositionsAsync(string template = "{subject}.jsonl", string pipeline = "pipe")
    {
        await using var sink = Sink(template, pipeline: pipeline);
        await sink.OpenAsync(TestContext.Current.CancellationToken);
        return await sink.ReadPositionsAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => _directory.Dispose();
}
