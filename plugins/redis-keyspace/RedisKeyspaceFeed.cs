using System.Globalization;
using System.Text;
using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>Makes an event of a keyspace notification: the database is the subject, the Redis key the key.</summary>
sealed class RedisKeyspaceFeed : ISubscriptionFeed
{
    const int KeyField = 1;

    static readonly RowSchema Schema = new(
        new RowField("event", FieldType.Text, isKey: false), new RowField("key", FieldType.Text, isKey: false));

    readonly NotificationCheck _check;
    readonly RowBuilder _rows = new();
    readonly byte[][] _events;
    readonly string _subject;
    readonly int _prefixLength;

    public RedisKeyspaceFeed(RedisKeyspaceOptions options, NotificationCheck check)
    {
        var database = options.Connection.Database.ToString(CultureInfo.InvariantCulture);
        var prefix = $"__keyspace@{database}__:";
        _check = check;
        _events = [.. options.Events.Select(Encoding.UTF8.GetBytes)];
        _subject = $"keyspace:{database}";
        _prefixLength = prefix.Length;
        Subscription = new Subscription([], [.. options.Keys.Select(pattern => prefix + pattern)]);
    }

    public static SourceTraits Promise { get; } = new()
    {
        Guarantee = DeliveryGuarantee.AtMostOnce,
        CanReplay = false,
        PositionOrder = PositionOrder.None,
        NeverBlocksSockets = true,
        Loss = "What happens to keys while the source is not connected; each such interval is a loss window, the host's downtime too. "
            + "FLUSHALL and FLUSHDB notify nobody, and \"expired\" comes when the server deletes the key.",
        Order = "As the server sent it, which is the order of the commands.",
    };

    public SourceTraits Traits => Promise;

    public Subscription Subscription { get; }

    public bool DependsOnSettings => true;

    public ValueTask CheckAsync(RedisConnection connection, CancellationToken cancellationToken) =>
        _check.RunAsync(connection, cancellationToken);

    public ChangeEvent? Read(ReadOnlyMemory<byte> channel, ReadOnlyMemory<byte> payload, SourcePosition position)
    {
        if (!IsWanted(payload.Span))
        {
            return null;
        }

        _rows.Begin(Schema);
        _rows.Append(payload.Span);
        _rows.Append(channel.Span[_prefixLength..]);
        var row = _rows.Build();
        return new ChangeEvent
        {
            Kind = ChangeKind.Message,
            Subject = _subject,
            Key = row.GetMemory(KeyField),
            After = row,
            Position = position,
        };
    }

    bool IsWanted(ReadOnlySpan<byte> name)
    {
        foreach (var wanted in _events)
        {
            if (name.SequenceEqual(wanted))
            {
                return true;
            }
        }

        return _events.Length == 0;
    }
}
