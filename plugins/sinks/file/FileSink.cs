using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Sinks.File;

/// <summary>One lane only: the order of lines in a file is the order of the events.</summary>
sealed class FileSink(PathTemplate template, ILogger logger, Action<SafeFileHandle> flushToDisk) : ISink
{
    readonly BatchLines _lines = new(template);
    readonly OpenFiles _files = new(template.Root, logger, flushToDisk);
    readonly List<AppendFile> _touched = [];

    public static SinkTraits Promise { get; } = new() { Durability = Durability.Flushed, MaxLanes = 1 };

    public SinkTraits Traits => Promise;

    public ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        Folder.Create(template.Root, flushToDisk);
        return default;
    }

    // Neither write nor fsync has an asynchronous form in the kernel; the one lane waits on its own thread.
    public ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        _lines.Load(batch);
        foreach (var chunk in _lines.Files.Chunk(OpenFiles.Capacity))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(chunk);
        }

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
