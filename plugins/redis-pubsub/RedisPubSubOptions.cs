using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Penstock.Redis;

namespace Penstock.Sources.RedisPubSub;

public sealed class RedisPubSubOptions
{
    [Description("The server and how to log in.")]
    public required RedisConnectionOptions Connection { get; init; }

    [Description("The channels to subscribe to, by their exact names.")]
    public IReadOnlyList<string> Channels { get; init; } = [];

    [Description("Redis patterns of channels, such as \"orders.*\"; a message that several names match is delivered once.")]
    public IReadOnlyList<string> Patterns { get; init; } = [];

    [Description("Sharded channels (SPUBLISH) by their exact names, Redis 7 or newer; in a cluster each is listened to at the owner of its slot.")]
    public IReadOnlyList<string> ShardedChannels { get; init; } = [];

    [Description("Whether to publish to oneself about once a second: it proves that subscriptions work, and makes loss windows certain.")]
    public bool Canary { get; init; }

    [Description("How much may wait for a pipeline that takes messages more slowly than they come; beyond it they are dropped and counted.")]
    [Range(typeof(ByteSize), "64KiB", "4GiB")]
    public ByteSize MaxBacklog { get; init; } = new(32 << 20);
}
