using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Host.Configuration;

sealed class StateSection
{
    [Description("Folder for checkpoints, loss windows, dead letters with their events, and the audit of resets; one running host per folder. Relative paths start at this file.")]
    [MinLength(1)]
    public string Directory { get; init; } = "./state";

    [Description("Longest time between two checkpoints while events flow: how much is delivered again after a crash. 10ms to 1m.")]
    [Range(typeof(TimeSpan), "10ms", "1m")]
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMilliseconds(100);
}
