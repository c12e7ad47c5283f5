using System.ComponentModel;
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
}
