using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Sinks.File;

/// <summary>Keeps the files used last open.</summary>
sealed class OpenFiles(string root, ILogger logger, Action<SafeFileHandle> flushToDisk) : IDisposable
{
    public const int Capacity = 256;

    readonly LinkedList<AppendFile> _byUse = new();
    readonly Dictionary<string, LinkedListNode<AppendFile>> _byPath = new(StringComparer.Ordinal);

    /// <summary>The open file; the one unused for longest is closed to make room.</summary>
    public AppendFile Get(string path)
    {
        if (_byPath.TryGetValue(path, out var node))
        {
            if (node.Value.IsStillThere())
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value;
            }

            // Renamed or deleted by somebody who rotates logs: what it held is whole lines.
            Close(node);
        }

        if (_byPath.Count >= Capacity)
        {
            Close(_byUse.Last!);
        }

        var file = AppendFile.Open(path, root, logger, flushToDisk);
        _byPath.Add(path, _byUse.AddFirst(file));
        return file;
    }

    public void Dispose()
    {
        while (_byUse.Last is { } node)
        {
            Close(node);
        }
    }

    void Close(LinkedListNode<AppendFile> node)
    {
        _byUse.Remove(node);
        _byPath.Remove(node.Value.Path);
        node.Value.Dispose();
    }
}
