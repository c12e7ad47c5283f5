using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Sinks.File;

/// <summary>One lane only: the order of lines in a file is the order of the events.</summary>
sealed class FileSink(PathTemplate template, string pipeline, ILogger logger, Action<SafeFileHandle> flushToDisk) : ISink, IResumableSink
{
    readonly BatchLines _lines = new(template);
    readonly OpenFiles _files = new(template.Root, logger, flushToDisk);
    readonly List<AppendFile> _touched = [];
    readonly HashSet<string> _written = new(StringComparer.Ordinal);
    (ChangeEvent First, ChangeEvent Last, int Count) _begun;

    public SinkTraits Traits { get; } = TraitsOf(template);

    /// <summary>A file per key would need a position per key, and there is no end of keys.</summary>
    public static SinkTraits TraitsOf(PathTemplate template) =>
        new() { Durability = Durability.Flushed, MaxLanes = 1, StoresPositions = !template.UsesKey, NeverBlocksSockets = true };

    public ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        Folder.Create(template.Root, flushToDisk);
        return default;
    }

    public ValueTask<IReadOnlyList<StoredPosition>> ReadPositionsAsync(CancellationToken cancellationToken) =>
        template.UsesKey ? new([]) : new StoredPositions(template, pipeline, logger, flushToDisk).ReadAsync(cancellationToken);

    // Neither write nor fsync has an asynchronous form in the kernel; the one lane waits on its own thread.
    public ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        // Sent again, a batch of more files than stay open goes on after those that it has filled.
        var name = (batch[0], batch[^1], batch.Count);
        if (name != _begun)
        {
            _written.Clear();
            _begun = name;
        }

        _lines.Load(batch);
        foreach (var chunk in _lines.Files.Except(_written).Chunk(OpenFiles.Capacity))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(chunk);
            _written.UnionWith(chunk);
        }

        _begun = default;
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _files.Dispose();
        _lines.Dispose();
        return default;
    }

    // All files or none: a batch that is sent again finds no half of itself.
    void Write(string[] paths)
    {
        _touched.Clear();
        try
        {
            foreach (var path in paths)
            {
                var file = _files.Get(path);
                _touched.Add(file);
                file.Append(_lines.LinesOf(path));
            }

            foreach (var file in _touched)
            {
                file.Flush();
            }
        }
        catch
        {
            foreach (var file in _touched)
            {
                file.RollBack();
            }

            throw;
        }

        foreach (var file in _touched)
        {
            file.Commit();
        }
    }
}
