using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Model;

/// <summary>
/// Checkpoints as bytes in the world, which can be copied; dead letters, which only the file store can keep, in files that are made to be what the world says.
/// </summary>
sealed class MemoryDisk : Disk, IDisposable
{
    readonly DirectoryInfo _directory = RealDisk.NewDirectory();
    readonly Dictionary<string, byte[]> _contents = [];
    readonly Dictionary<int, DeadLetterStore> _empty = [];

    public override string Letters(World world)
    {
        foreach (var (i, sink) in world.Scope.Sinks.Index())
        {
            var content = world.Letters[i];
            if (!ReferenceEquals(_contents.GetValueOrDefault(sink.Name), content))
            {
                if (content is null)
                {
                    _contents.Remove(sink.Name);
                    File.Delete(FileOf(sink));
                }
                else
                {
                    _contents[sink.Name] = content;
                    File.WriteAllBytes(FileOf(sink), content);
                }
            }
        }

        return _directory.FullName;
    }

    public override DeadLetterStore Open(World world, int sink)
    {
        if (world.Letters[sink] is not null)
        {
            return base.Open(world, sink);
        }

        // One that found no file and was given nothing is as good as new.
        var empty = _empty.GetValueOrDefault(sink);
        return empty is { OpenCount: 0 } && !_contents.ContainsKey(world.Scope.Sinks[sink].Name) ? empty : _empty[sink] = base.Open(world, sink);
    }

    public override ICheckpointStore Checkpoints(World world) => new MemoryCheckpoints(world);

    public override void LettersGrew(World world, int sink) =>
        _contents[world.Scope.Sinks[sink].Name] = world.Letters[sink] = File.ReadAllBytes(FileOf(world.Scope.Sinks[sink]));

    public void Dispose() => _directory.Delete(recursive: true);

    string FileOf(SinkScope sink) => Path.Combine(_directory.FullName, $"{sink.Name}.dead-letters.jsonl");
}
