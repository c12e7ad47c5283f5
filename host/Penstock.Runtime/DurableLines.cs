using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Runtime;

/// <summary>
/// A file of lines that only grows. Returning from an append means durable; what a crash or a full disk left of a line is overwritten.
/// Not thread-safe.
/// </summary>
sealed class DurableLines(string path)
{
    const int BlockSize = 4096;

    bool _isNamed;

    /// <summary>Appends whole lines, each with its line break: one write, one fsync.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="written">Called between the write and the fsync; default null.</param>
    /// <exception cref="IOException">The lines could not be written; none of them counts.</exception>
    /// <exception cref="PipelineFailureException">The disk refused to flush: what it holds is unknown, and trying again would hide it.</exception>
    public void Append(ReadOnlySpan<byte> lines, Action? written = null)
    {
        using var stream = Open(FileMode.OpenOrCreate);
        var file = stream.SafeFileHandle;
        var end = WholeLength(file);
        try
        {
            RandomAccess.SetLength(file, end);
            RandomAccess.Write(file, lines, end);
        }
        catch (IOException)
        {
            // The first lines may be whole already; they must not count when the caller is told that nothing was written.
            RandomAccess.SetLength(file, end);
            throw;
        }

        written?.Invoke();
        Flush(file);
    }

    /// <summary>Makes durable what an earlier process wrote and perhaps had no time to flush; nothing when there is no file.</summary>
    /// <inheritdoc cref="Append" path="/exception"/>
    public void Flush()
    {
        if (File.Exists(path))
        {
            using var stream = Open(FileMode.Open);
            Flush(stream.SafeFileHandle);
        }
    }

    // Readers are welcome at any time, and only the owner may read what the events held.
    FileStream Open(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode == FileMode.OpenOrCreate)
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new FileStream(path, options);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    void Flush(SafeFileHandle file)
    {
        try
        {
            RandomAccess.FlushToDisk(file);
            if (!_isNamed)
            {
                DirectoryFlush.ToDisk(Path.GetDirectoryName(path)!);
                _isNamed = true;
            }
        }
        catch (IOException failure)
        {
            throw new PipelineFailureException(
                $"fsync of {path} failed ({failure.Message}). What the disk holds is unknown, so it is not tried again; check the disk, then restart", failure);
        }
    }

    // Where the next line begins: behind the last line break.
    static long WholeLength(SafeFileHandle file)
    {
        var end = RandomAccess.GetLength(file);
        var block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            while (end > 0)
            {
                var start = Math.Max(0, end - BlockSize);
                var read = RandomAccess.Read(file, block.AsSpan(0, (int)(end - start)), start);
                if (block.AsSpan(0, read).LastIndexOf((byte)'\n') is >= 0 and var at)
                {
                    return start + at + 1;
                }

                end = start;
            }

            return 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
