using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime.Settlement;

/// <summary>
/// Keeps the checkpoint of one source in two files that take turns: new file, fsync, rename, directory fsync. A crash at any point leaves
/// the other generation whole.
/// </summary>
sealed class CheckpointStore(string directory, string pipeline, string source, RuntimeServices services) : ICheckpointStore
{
    readonly ILogger _log = services.LoggerFactory.CreateLogger<CheckpointStore>();

    /// <inheritdoc/>
    public Checkpoint Load()
    {
        var newest = Checkpoint.None;
        FormatException? damage = null;
        foreach (var file in (string[])[FileOf(0), FileOf(1)])
        {
            try
            {
                if (File.Exists(file) && CheckpointFormat.Read(File.ReadAllBytes(file), pipeline, source) is var found && found.Generation > newest.Generation)
                {
                    newest = found;
                }
            }
            catch (FormatException wrong)
            {
                damage = new FormatException($"{file}: {wrong.Message}");
                _log.CheckpointDamaged(file, wrong.Message);
            }
        }

        return newest.Generation > 0 || damage is null ? newest : throw Refusal(damage);
    }

    /// <inheritdoc/>
    public void Save(Checkpoint checkpoint)
    {
        var target = FileOf(checkpoint.Generation % 2);
        var temporary = target + ".new";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, CheckpointFormat.Write(pipeline, source, checkpoint), 0);
            services.Faults.Pass(FaultPoint.CheckpointWritten);
            Flush(() => RandomAccess.FlushToDisk(file), temporary);
        }

        services.Faults.Pass(FaultPoint.CheckpointFlushed);
        File.Move(temporary, target, overwrite: true);
        services.Faults.Pass(FaultPoint.CheckpointRenamed);
        Flush(() => DirectoryFlush.ToDisk(directory), directory);
        services.Faults.Pass(FaultPoint.CheckpointDurable);
    }

    string FileOf(long generation) => Path.Combine(directory, $"{source}.checkpoint.{generation}");

    void Flush(Action flush, string path)
    {
        try
        {
            flush();
        }
        catch (IOException failure)
        {
            throw new PipelineFailureException(
                $"{pipeline}/{source}: fsync of {path} failed ({failure.Message}). What the disk holds is unknown, so it is not tried again; check the disk, then restart", failure);
        }
    }

    PipelineFailureException Refusal(FormatException damage) => new(
        $"{pipeline}/{source}: no whole checkpoint ({damage.Message}). Restore the file from a copy; or delete {FileOf(0)} and {FileOf(1)} to start where the source itself starts",
        damage);
}
