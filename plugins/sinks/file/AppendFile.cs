using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Sinks.File;

/// <summary>
/// A file that only grows by whole, flushed batches. Up to its durable length nothing is ever written again; whatever lies beyond
/// is cut off before the next write.
/// </summary>
sealed partial class AppendFile : IDisposable
{
    /// <summary>
    /// The most bytes at the end of a file that are not flushed at any time. A machine that goes down can leave holes among them and nowhere else.
    /// </summary>
    public const int MaxUnflushed = 1 << 20;

    readonly FileStream _file;
    readonly Action<SafeFileHandle> _flushToDisk;
    readonly ILogger _logger;
    long _durableLength;
    long _length;
    bool _isTorn;

    AppendFile(string path, FileStream file, ILogger logger, Action<SafeFileHandle> flushToDisk)
    {
        Path = path;
        _file = file;
        _logger = logger;
        _flushToDisk = flushToDisk;
    }

    public string Path { get; }

    /// <summary>Opens or creates the file, cuts off a torn last line, and makes its name durable.</summary>
    /// <exception cref="PluginException">The path leads through a symbolic link, or names no regular file.</exception>
    public static AppendFile Open(string path, string root, ILogger logger, Action<SafeFileHandle> flushToDisk)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        Folder.RefuseLinks(path, root);
        Folder.Create(folder, flushToDisk);
        var file = new AppendFile(path, RegularFile.Open(path, out var isNew), logger, flushToDisk);
        try
        {
            // An empty file may be one whose creator was killed before its name was durable.
            if (isNew || RandomAccess.GetLength(file._file.SafeFileHandle) == 0)
            {
                Folder.Flush(folder, flushToDisk);
            }

            file.RepairTail();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the path still leads to a file.</summary>
    public bool IsStillThere() => System.IO.File.Exists(Path);

    public void Append(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        if (_isTorn)
        {
            RandomAccess.SetLength(_file.SafeFileHandle, _durableLength);
            _isTorn = false;
        }

        RefuseOtherWriters();
        _isTorn = true;
        _length = _durableLength;
        foreach (var piece in lines)
        {
            _length += piece.Length;
        }

        try
        {
            Write(lines);
        }
        catch (IOException e)
        {
            throw new PluginException(
                FailureKind.Transient,
                $"Appending {_length - _durableLength} bytes to {Path} failed: {e.Message} The file goes back to its last durable length of {_durableLength} bytes.",
                e);
        }
    }

    public void Flush() => Flush(Path, _file.SafeFileHandle, _flushToDisk);

    /// <exception cref="PluginException">The disk failed.</exception>
    public static void Flush(string path, SafeFileHandle file, Action<SafeFileHandle> flushToDisk)
    {
        try
        {
            flushToDisk(file);
        }
        catch (IOException e)
        {
            // After a failed fsync the kernel may have dropped the pages and call the next one a success.
            throw new PluginException(
                FailureKind.Permanent,
                $"Flushing {path} to disk failed and must not be tried again: {e.Message} Check the disk, then restart.",
                e);
        }
    }

    public void Commit()
    {
        _durableLength = _length;
        _isTorn = false;
    }

    /// <summary>Takes back what has been appended since the last commit.</summary>
    public void RollBack()
    {
        if (!_isTorn)
        {
            return;
        }

        try
        {
            RandomAccess.SetLength(_file.SafeFileHandle, _durableLength);
            _isTorn = false;
        }
        catch (IOException e)
        {
            LogNotCutBack(Path, _durableLength, e);
        }
    }

    public void Dispose() => _file.Dispose();

    void Write(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        var offset = _durableLength;
        if (_length - offset <= MaxUnflushed)
        {
            RandomAccess.Write(_file.SafeFileHandle, lines, offset);
            return;
        }

        foreach (var piece in lines)
        {
            for (var rest = piece; !rest.IsEmpty;)
            {
                var part = rest[..Math.Min(MaxUnflushed, rest.Length)];
                RandomAccess.Write(_file.SafeFileHandle, part.Span, offset);
                Flush();
                offset += part.Length;
                rest = rest[part.Length..];
            }
        }
    }

    void RepairTail()
    {
        var handle = _file.SafeFileHandle;
        var length = RandomAccess.GetLength(handle);
        _durableLength = LastLine.EndOf(handle, length);
        if (_durableLength < length)
        {
            LogRepaired(Path, length - _durableLength, _durableLength);
            RandomAccess.SetLength(handle, _durableLength);
            Flush();
        }
    }

    void RefuseOtherWriters()
    {
        var file = new FileInfo(Path);
        if (!file.Exists)
        {
            throw new PluginException(FailureKind.Transient, $"{Path} was renamed or deleted in this very moment; the batch goes to a new file.");
        }

        if (file.Length != _durableLength)
        {
            throw new PluginException(
                FailureKind.Permanent,
                $"{Path} should be {_durableLength} bytes long and is {file.Length}: somebody else writes to it or has cut it. "
                + "Give every sink a path of its own, rotate by renaming, then restart.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} ended in the middle of a line: cut off {Bytes} bytes, it is now {Length} bytes long")]
    partial void LogRepaired(string path, long bytes, long length);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cutting {Path} back to {Length} bytes failed; tried again before the next write")]
    partial void LogNotCutBack(string path, long length, Exception exception);
}
