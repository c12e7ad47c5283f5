using System.Buffers;

namespace Penstock.Sinks.File;

/// <summary>A batch as JSON lines in one buffer, and which slices of it belong to which file.</summary>
sealed class BatchLines : IDisposable
{
    // Subjects are few; a source that invents them without end must not fill the memory.
    const int MaxPaths = 1024;

    readonly PathTemplate _template;
    readonly ArrayBufferWriter<byte> _buffer = new();
    readonly EventJsonWriter _json;
    readonly Dictionary<(string Source, string Subject), string> _paths = [];
    readonly Dictionary<string, List<Range>> _files = new(StringComparer.Ordinal);

    public BatchLines(PathTemplate template)
    {
        _template = template;
        _json = new EventJsonWriter(_buffer);
    }

    /// <summary>The files of the batch, in the order of their first line.</summary>
    public IReadOnlyCollection<string> Files => _files.Keys;

    public void Load(IReadOnlyList<ChangeEvent> batch)
    {
        _buffer.ResetWrittenCount();
        _files.Clear();
        for (var i = 0; i < batch.Count; i++)
        {
            var start = _buffer.WrittenCount;
            _json.Write(batch[i]);
            _buffer.Write("\n"u8);
            Add(PathOf(batch[i]), start, _buffer.WrittenCount);
        }
    }

    /// <summary>The lines of one file, in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> LinesOf(string file) => _files[file].ConvertAll(range => _buffer.WrittenMemory[range]);

    public void Dispose() => _json.Dispose();

    void Add(string path, int start, int end)
    {
        if (!_files.TryGetValue(path, out var ranges))
        {
            _files.Add(path, [start..end]);
        }
        else if (ranges[^1].End.Value == start)
        {
            ranges[^1] = ranges[^1].Start..end;
        }
        else
        {
            ranges.Add(start..end);
        }
    }

    string PathOf(ChangeEvent change)
    {
        if (_template.UsesKey)
        {
            return _template.Expand(change);
        }

        var name = (change.Origin.Source, change.Subject);
        if (!_paths.TryGetValue(name, out var path))
        {
            if (_paths.Count == MaxPaths)
            {
                _paths.Clear();
            }

            path = _template.Expand(change);
            _paths.Add(name, path);
        }

        return path;
    }
}
