using Penstock.Benchmarks.Loads;

namespace Penstock.Benchmarks.Soak.Judging;

/// <summary>Follows the file that a sink writes, renames it when it is large, as an operator would, and removes it when it has read it to its end.</summary>
/// <remarks>Seldom: the sink meets a file that is gone between two looks at it with a retry, which counts as trouble here.</remarks>
sealed class FileJudge(string path, SequenceJudge sequence, long renameAt = 1L << 30)
{
    const byte LineEnd = (byte)'\n';

    readonly byte[] _buffer = new byte[1 << 20];
    readonly Pace _looks = Pace.StartingIn(TimeSpan.Zero, 200);
    int _held;
    volatile bool _isOver;

    public int Renamed { get; private set; }

    public Task RunAsync() => LoadThread.Start(Run);

    public void End() => _isOver = true;

    void Run()
    {
        while (!_isOver)
        {
            if (File.Exists(path))
            {
                Follow();
            }
            else
            {
                AwaitNextLook();
            }
        }
    }

    // Until the file was renamed and read, or the end.
    void Follow()
    {
        var old = path + ".read";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var isRenamed = false;
        while (!_isOver)
        {
            // Looked at before reading: once the sink has begun the next file, it writes to this one no more.
            var hasNext = isRenamed && File.Exists(path);
            if (!Read(file))
            {
                if (hasNext)
                {
                    if (_held > 0)
                    {
                        throw new MeasurementException($"{old} ends in the middle of a line");
                    }

                    File.Delete(old);
                    Renamed++;
                    return;
                }

                AwaitNextLook();
            }

            if (!isRenamed && file.Position >= renameAt)
            {
                File.Move(path, old);
                isRenamed = true;
            }
        }
    }

    bool Read(FileStream file)
    {
        var read = file.Read(_buffer.AsSpan(_held));
        var bytes = _buffer.AsSpan(0, _held + read);
        for (int end; (end = bytes.IndexOf(LineEnd)) >= 0; bytes = bytes[(end + 1)..])
        {
            sequence.Arrive(Marker.Find(bytes[..end]));
        }

        if (bytes.Length == _buffer.Length)
        {
            throw new MeasurementException($"{path} has a line of more than {_buffer.Length} bytes");
        }

        bytes.CopyTo(_buffer);
        _held = bytes.Length;
        return read > 0;
    }

    void AwaitNextLook() => _looks.Await(_looks.DueNow());
}
