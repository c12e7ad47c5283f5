using System.Text.Json;

namespace Penstock.EndToEnd.Tests;

/// <summary>Reads a checkpoint as an operator would: the first line of the newest file is JSON.</summary>
static class CheckpointFile
{
    /// <summary>The position in the newest whole generation; empty when nothing was settled yet.</summary>
    public static string Newest(string stateDirectory)
    {
        var newest = (Generation: 0L, Position: "");
        foreach (var file in Directory.EnumerateFiles(stateDirectory, "*.checkpoint.?", SearchOption.AllDirectories))
        {
            using var json = JsonDocument.Parse(File.ReadLines(file).First());
            var generation = json.RootElement.GetProperty("generation").GetInt64();
            if (generation > newest.Generation)
            {
                var partitions = json.RootElement.GetProperty("partitions").EnumerateArray();
                newest = (generation, partitions.Select(partition => partition.GetProperty("position").GetString()!).FirstOrDefault(""));
            }
        }

        return newest.Position;
    }
}
