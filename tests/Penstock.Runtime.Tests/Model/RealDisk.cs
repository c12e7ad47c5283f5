using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Model;

/// <summary>The files that the host writes, in a directory of their own; in memory where the machine offers that, for the host flushes each.</summary>
sealed class RealDisk : Disk, IDisposable
{
    readonly DirectoryInfo _directory = NewDirectory();

    public static DirectoryInfo NewDirectory()
    {
        var memory = new DirectoryInfo("/dev/shm");
        return memory.Exists ? memory.CreateSubdirectory($"penstock-model-{Guid.NewGuid():N}") : Directory.CreateTempSubdirectory("penstock-model-");
    }

    /// <summary>Which step of a save, counted from one, is the host's last; 0 for none.</summary>
    public int DiesAt { get; set; }

    public override string Letters(World world) => _directory.FullName;

    public override ICheckpointStore Checkpoints(World world) => new CheckpointStore(_directory.FullName, "p", "s", Host.Services with { Faults = new Faults(Pass) });

    public override void LettersGrew(World world, int sink)
    {
    }

    public void Dispose() => _directory.Delete(recursive: true);

    void Pass(FaultPoint point)
    {
        if (DiesAt > 0 && --DiesAt == 0)
        {
            throw new PipelineFailureException($"died at {point}", new IOException("planted"));
        }
    }
}
