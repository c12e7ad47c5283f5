using Microsoft.Extensions.Logging;
using Penstock;
using Penstock.Redis;
using Penstock.Sources.RedisKeyspace;

[assembly: Plugin("redis-keyspace", typeof(RedisKeyspacePlugin))]

namespace Penstock.Sources.RedisKeyspace;

public sealed class RedisKeyspacePlugin : SourcePlugin<RedisKeyspaceOptions>
{
    public override string Summary => "Reads Redis keyspace notifications: at most once, and every interruption is a loss window.";

    public override IReadOnlyList<SourceTraits> Modes { get; } = [RedisKeyspaceFeed.Promise];

    public override void Validate(RedisKeyspaceOptions options, ConfigReport report)
    {
        RedisConnectionValidator.Validate(options.Connection, "/connection", report);
        SubscriptionNames.Validate(options.Keys, "/keys", report);
        SubscriptionNames.Validate(options.Events, "/events", report);
    }

    public override IChangeSource Create(RedisKeyspaceOptions options, SourceContext context)
    {
        var servers = new RedisServers(options.Connection, context);
        var check = new NotificationCheck(options.Events, options.Canary, context.LoggerFactory.CreateLogger<NotificationCheck>());
        var flushes = new FlushCheck(context.LoggerFactory.CreateLogger<FlushCheck>());
        var values = options.Enrich
            ? new ValueReaders(servers, options.EnrichLimit.Bytes, context)
            : null;
        var feed = new RedisKeyspaceFeed(options, check, flushes, values);
        return new SubscriptionSource(
            options.Connection, servers, new SubscriptionPlan(feed, options.Canary, options.MaxBacklog.Bytes), context);
    }
}
