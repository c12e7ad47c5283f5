using Penstock.Runtime;
using Penstock.Runtime.Settlement;

namespace Penstock.Host.Commands;

/// <summary>The checkpoint of one source as the verbs see it: the one place where they touch its files.</summary>
sealed class SourceCheckpoint
{
    const string Suffix = ".checkpoint.";

    readonly CheckpointStore _store;
    readonly Checkpoint _checkpoint;

    SourceCheckpoint(string directory, string pipeline, string source, RuntimeServices services)
    {
        (Directory, Pipeline, Source) = (directory, pipeline, source);
        _store = new CheckpointStore(directory, pipeline, source, services);
        _checkpoint = _store.Load();
    }

    /// <summary>The pipeline's folder in the state directory.</summary>
    public string Directory { get; }

    public string Pipeline { get; }

    public string Source { get; }

    public long Generation => _checkpoint.Generation;

    /// <summary>Whether an operator set it and no run has begun from it yet.</summary>
    public bool IsReset => _checkpoint.IsReset;

    /// <summary>One watermark per partition.</summary>
    public IReadOnlyList<Watermark> Partitions => _checkpoint.Partitions;

    public IReadOnlyList<SinkCursor> Sinks => _checkpoint.Sinks;

    /// <summary>The sources of a state directory that have a checkpoint, by pipeline and source.</summary>
    public static IReadOnlyList<(string Directory, string Pipeline, string Source)> FindAll(string stateDirectory, string? pipeline) =>
        System.IO.Directory.Exists(stateDirectory)
            ? [.. from directory in System.IO.Directory.EnumerateDirectories(stateDirectory).Order(StringComparer.Ordinal)
                  let name = Path.GetFileName(directory)
                  where pipeline is null || name == pipeline
                  from source in System.IO.Directory.EnumerateFiles(directory, $"*{Suffix}?").Select(SourceOf).Distinct().Order(StringComparer.Ordinal)
                  select (directory, name, source)]
            : [];

    /// <exception cref="PipelineFailureException">There are files, and none of them is whole.</exception>
    public static SourceCheckpoint Read((string Directory, string Pipeline, string Source) place, RuntimeServices services) =>
        new(place.Directory, place.Pipeline, place.Source, services);

    /// <summary>Makes the source begin anew, by its own rules. Returning means durable.</summary>
    /// <exception cref="IOException">The file could not be written.</exception>
    /// <exception cref="PipelineFailureException">The disk refused to flush.</exception>
    public void ResetToStart() => Save([], []);

    /// <summary>Moves one partition, for the source and for every sink. Returning means durable.</summary>
    /// <inheritdoc cref="ResetToStart" path="/exception"/>
    public void ResetTo(SourcePosition position) => Save(
        // Without the state, which belongs to the position of before.
        [.. Partitions.Where(mark => mark.Position.Partition != position.Partition), new Watermark(position)],
        [.. Sinks.Select(cursor => cursor.ResetTo(position))]);

    // Into both files: a damaged one must not bring back what was reset.
    void Save(IReadOnlyList<Watermark> partitions, IReadOnlyList<SinkCursor> sinks)
    {
        for (var generation = Generation + 1; generation <= Generation + 2; generation++)
        {
            _store.Save(new Checkpoint(generation, partitions) { Sinks = sinks, IsReset = true });
        }
    }

    static string SourceOf(string file) => Path.GetFileName(file)[..^(Suffix.Length + 1)];
}
