using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Sources.RedisStreams;

public sealed class TrimOptions
{
    [Description("Remove entries that are older, also when somebody has not read them yet. What is lost so is counted and told.")]
    [Range(typeof(TimeSpan), "1s", "87600h")]
    public TimeSpan? MaxAge { get; init; }

    [Description("Remove the oldest entries beyond so many, also when somebody has not read them yet. What is lost so is counted and told.")]
    [Range(1L, long.MaxValue)]
    public long? MaxLength { get; init; }
}
