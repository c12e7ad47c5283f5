using Penstock.Redis;

namespace Penstock.Sources.RedisPubSub;

/// <summary>Makes an event of a published message: its channel is the subject and the key, its bytes are the row.</summary>
sealed class RedisPubSubFeed(RedisPubSubOptions options) : ISubscriptionFeed
{
    static readonly RowSchema Schema = new(new RowField("message", FieldType.Text, isKey: false));

    readonly ChannelNames _names = new();
    readonly RowBuilder _rows = new();

    public static SourceTraits Promise { get; } = new()
    {
        Guarantee = DeliveryGuarantee.AtMostOnce,
        CanReplay = false,
        PositionOrder = PositionOrder.None,
        NeverBlocksSockets = true,
        Loss = "What is published while the source is not connected; each such interval is a loss window, the host's downtime too.",
        Order = "As the server sent it, which is the order of publishing.",
    };

    public SourceTraits Traits => Promise;

    public Subscription Subscription { get; } =
        new(options.Channels, options.Patterns, options.ShardedChannels, options.Connection.KeyPrefix + CanaryCall.NamePrefix);

    public bool DependsOnSettings => false;

    /// <summary>What is published at one node is passed on to all; sharded channels go their own way.</summary>
    public bool IsFromEveryPrimary => false;

    public CanaryCall CallCanary(string name)
    {
        var channel = options.Connection.KeyPrefix + name;
        return new CanaryCall(channel, name, ["PUBLISH", channel, name]);
    }

    public ValueTask<long> CheckAsync(RedisConnection connection, CancellationToken cancellationToken) => new(0L);

    public bool IsWanted(in PushMessage message) => true;

    public ValueTask PrepareAsync(IReadOnlyList<PushMessage> messages, string node) => default;

    public ChangeEvent Read(in PushMessage message, SourcePosition position)
    {
        var (subject, key) = _names.Of(message.Channel.Span);
        _rows.Begin(Schema);
        _rows.Append(message.Payload.Span);
        return new ChangeEvent
        {
            Kind = ChangeKind.Message,
            Subject = subject,
            Key = key,
            After = _rows.Build(),
            Position = position,
        };
    }

    public ValueTask DisposeAsync() => default;
}
