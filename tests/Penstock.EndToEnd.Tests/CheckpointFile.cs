using System.Text.Json;

namespace Penstock.EndToEnd.Tests;

/// <summary>A checkpoint as an operator reads it: the first line of each generation is JSON.</summary>
sealed record CheckpointFile(string Path, long Generation, string Position)
{
    /// <summary>The position in the newest whole generation; empty when there is none.</summary>
    public static string Newest(string stateDirectory) => Generations(stateDirectory) is [var newest, ..] ? newest.Position : "";

    /// <summary>The generations that can be read, newest first.</summary>
    public static List<CheckpointFile> Generations(string stateDirectory) => !Directory.Exists(stateDirectory)
        ? []
        : [.. Directory.EnumerateFiles(stateDirectory, "*.checkpoint.?", SearchOption.AllDirectories)
            .Select(Read).OfType<CheckpointFile>().OrderByDescending(file => file.Generation)];

    static CheckpointFile? Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadLines(path).FirstOrDefault(""));
            var root = json.RootElement;
            var partitions = root.GetProperty("partitions");
            var position = partitions.GetArrayLength() == 0 ? "" : partitions[0].GetProperty("position").GetString()!;
            return new CheckpointFile(path, root.GetProperty("generation").GetInt64(), position);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
