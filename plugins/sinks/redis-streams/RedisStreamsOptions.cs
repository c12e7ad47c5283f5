using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

public sealed class RedisStreamsOptions
{
    [Description("The Redis servers.")]
    public required RedisConnectionOptions Connection { get; init; }

    [Description("The stream of an event; {subject}, {key}, {source} and {shard} are replaced, {{ and }} are literal braces.")]
    [MinLength(1)]
    public string Stream { get; init; } = "{subject}";

    [Description("How many streams {shard} stands for; the events of a key are all in one. Another number puts keys elsewhere.")]
    [Range(1, 16384)]
    public int Shards { get; init; } = 1;

    [Description("About how many entries to keep in a stream (XADD MAXLEN ~); without it, nothing is trimmed.")]
    [Range(1, int.MaxValue)]
    public int? MaxLength { get; init; }

    [Description("About how long to keep entries in a stream, by their ids' time (XADD MINID ~); without it, nothing is trimmed.")]
    [Range(typeof(TimeSpan), "1s", "87600h")]
    public TimeSpan? MaxAge { get; init; }

    [Description("Trim to exactly maxLength or maxAge, which costs the server more than \"about\".")]
    public bool ExactTrim { get; init; }

    [Description("Store the lane's position with each batch, in one script, so that nothing comes twice; in a cluster all streams must share a hash tag.")]
    public bool Atomic { get; init; }

    [Description("How many replicas must have a batch before it counts as delivered (WAIT): what only the primary has is gone after a failover.")]
    [Range(0, 100)]
    public int WaitReplicas { get; init; }

    [Description("How long the replicas may take before the log says that they lag; the batch goes on waiting.")]
    [Range(typeof(TimeSpan), "1ms", "1m")]
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(1);
}
