using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

public sealed class RedisStreamsOptions
{
    [Description("The Redis server.")]
    public required RedisConnectionOptions Connection { get; init; }

    [Description("The stream of an event; {subject}, {key} and {source} are replaced, {{ and }} are literal braces.")]
    [MinLength(1)]
    public string Stream { get; init; } = "{subject}";

    [Description("About how many entries to keep in a stream (XADD MAXLEN ~); without it, nothing is trimmed.")]
    [Range(1, int.MaxValue)]
    public int? MaxLength { get; init; }
}
