using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Sinks.File;

/// <summary>
/// What the files of a pipeline hold already. The line is the frame: an event and its position are written as one, so the last whole line of
/// a file says up to where the file is complete, and there is no second record that a crash could set apart from it.
/// </summary>
sealed partial class StoredPositions(PathTemplate template, string pipeline, ILogger logger, Action<SafeFileHandle> flushToDisk)
{
    // They wait for the disk, which takes many requests in the time of one.
    const int ParallelFlushes = 16;

    readonly List<StoredPosition> _found = [];
    readonly List<string> _files = [];
    readonly HashSet<(string Source, string Partition)> _known = [];

    public async ValueTask<IReadOnlyList<StoredPosition>> ReadAsync(CancellationToken cancellationToken)
    {
        var (foreign, firstForeign) = (0, "");
        foreach (var path in TemplateFiles.Of(template))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Pipes and devices have no length either, and opening one may take for ever.
            if (new FileInfo(path).Length > 0 && IsForeign(path))
            {
                firstForeign = foreign++ == 0 ? path : firstForeign;
            }
        }

        if (foreign > 0)
        {
            LogForeign(foreign, template.Root, pipeline, firstForeign);
        }

        // A killed host leaves whole lines that nobody has flushed; the host will acknowledge what is reported here.
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelFlushes, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_files, options, Flush).ConfigureAwait(false);
        return _found;
    }

    ValueTask Flush(string path, CancellationToken cancellationToken)
    {
        using var file = Open(path);
        AppendFile.Flush(path, file, flushToDisk);
        return default;
    }

    // Lines of others are read past, to the beginning of the file if need be. Stopping the pipeline would make folders impossible that several
    // pipelines share; taking such a file for one that holds nothing would bring what lies before those lines a second time.
    bool IsForeign(string path)
    {
        using var file = Open(path);
        var lines = new LinesBackward(file);
        var (skipped, hasOwn) = (0L, false);
        _known.Clear();
        while (lines.TryRead(out var line))
        {
            if (LineHead.Read(line, pipeline) is not { } head)
            {
                skipped += line.Length;
                continue;
            }

            // Renamed or copied: what it says is true of the file it was, which somebody may have removed to have it written anew.
            if (template.Expand(head.Source, head.Subject, default) != path)
            {
                return !hasOwn;
            }

            hasOwn = true;
            if (!head.IsReplayed && _known.Add((head.Source, head.Position.Partition)))
            {
                Report(path, file, head, skipped);

                // The last line speaks for its partition only; a source without partitions has no other.
                if (head.Position.Partition.Length == 0)
                {
                    return false;
                }
            }
        }

        return skipped > 0 && !hasOwn;
    }

    void Report(string path, SafeFileHandle file, LineHead head, long skipped)
    {
        if (_known.Count == 1)
        {
            RefuseHoles(path, file);
            _files.Add(path);
            if (skipped > 0)
            {
                LogForeignTail(path, skipped, pipeline);
            }
        }

        _found.Add(new StoredPosition(head.Source, head.Position) { Subject = template.UsesSubject ? head.Subject : null });
    }

    // What a power cut left unflushed need not reach the disk in order: a whole line can stand behind a hole where others should be, and its
    // position would have the host skip them. No line of JSON has a NUL.
    static void RefuseHoles(string path, SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        var start = Math.Max(0, length - AppendFile.MaxUnflushed);
        var end = new byte[length - start];
        if (end.AsSpan(0, LastLine.ReadAll(file, end, start)).IndexOf((byte)0) is >= 0 and var at)
        {
            var whole = LastLine.EndOf(file, start + at);
            throw new PluginException(
                FailureKind.Permanent,
                $"{path} has a hole, NUL bytes at {start + at}: the machine went down while the file was written, and events before its last line are missing. "
                + $"Cut it back to its last sound line with \"truncate -s {whole} {path}\", then restart: what is missing comes again.");
        }
    }

    // Flushing needs write access on Windows, and none elsewhere.
    static SafeFileHandle Open(string path) => System.IO.File.OpenHandle(
        path, FileMode.Open, OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The last {Bytes} bytes of {Path} hold no event of pipeline {Pipeline}: somebody else writes to the file; give it a path of its own")]
    partial void LogForeignTail(string path, long bytes, string pipeline);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} files below {Root} have names of the sink's path and nothing that pipeline {Pipeline} wrote there, such as {Path}; they are left alone")]
    partial void LogForeign(int count, string root, string pipeline, string path);
}
