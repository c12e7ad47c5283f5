using Penstock;
using Penstock.Redis;
using Penstock.Sources.RedisPubSub;

[assembly: Plugin("redis-pubsub", typeof(RedisPubSubPlugin))]

namespace Penstock.Sources.RedisPubSub;

public sealed class RedisPubSubPlugin : SourcePlugin<RedisPubSubOptions>
{
    public override string Summary => "Reads messages published to Redis channels: at most once, and every interruption is a loss window.";

    public override IReadOnlyList<SourceTraits> Modes { get; } = [RedisPubSubFeed.Promise];

    public override void Validate(RedisPubSubOptions options, ConfigReport report)
    {
        RedisConnectionValidator.Validate(options.Connection, "/connection", report);
        SubscriptionNames.Validate(options.Channels, "/channels", report);
        SubscriptionNames.Validate(options.Patterns, "/patterns", report);
        SubscriptionNames.Validate(options.ShardedChannels, "/shardedChannels", report);
        if (options.Channels.Count + options.Patterns.Count + options.ShardedChannels.Count == 0)
        {
            report.Add("", "Expected at least one name in \"channels\", \"patterns\" or \"shardedChannels\", found none.");
        }
    }

    public override IChangeSource Create(RedisPubSubOptions options, SourceContext context)
    {
        var plan = new SubscriptionPlan(new RedisPubSubFeed(options), options.Canary, options.MaxBacklog.Bytes);
        return new SubscriptionSource(options.Connection, new RedisServers(options.Connection, context), plan, context);
    }
}
