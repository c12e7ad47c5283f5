using System.Globalization;
using System.Text;
using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>Makes an event of a keyspace notification: the database is the subject, the Redis key the key.</summary>
sealed class RedisKeyspaceFeed : ISubscriptionFeed
{
    // Others see a canary's key for so long when its source is gone.
    const string CanaryLife = "10000";

    readonly NotificationCheck _check;
    readonly FlushCheck _flushes;
    readonly ValueReaders? _readers;
    readonly KeyspaceRows _rows;
    readonly Dictionary<byte[], ObservedValue> _values = new(BytesComparer.Instance);
    readonly Dictionary<byte[], ObservedValue>.AlternateLookup<ReadOnlySpan<byte>> _valueOf;
    readonly List<byte[]> _keys = [];
    readonly byte[][] _events;
    readonly string _subject;
    readonly string _prefix;
    readonly string _keyPrefix;

    /// <param name="options">Which keys and events.</param>
    /// <param name="check">Asks for the setting.</param>
    /// <param name="flushes">Asks for what nobody is notified of.</param>
    /// <param name="readers">Reads values; null when they are not wanted.</param>
    public RedisKeyspaceFeed(RedisKeyspaceOptions options, NotificationCheck check, FlushCheck flushes, ValueReaders? readers)
    {
        _prefix = PrefixOf(options.Connection.Database);
        _check = check;
        _flushes = flushes;
        _readers = readers;
        _rows = new KeyspaceRows();
        _valueOf = _values.GetAlternateLookup<ReadOnlySpan<byte>>();
        _events = [.. options.Events.Select(Encoding.UTF8.GetBytes)];
        _subject = string.Create(CultureInfo.InvariantCulture, $"keyspace:{options.Connection.Database}");
        _keyPrefix = options.Connection.KeyPrefix;
        Subscription = new Subscription(
            [], [.. options.Keys.Select(pattern => _prefix + pattern)], [], _prefix + _keyPrefix + CanaryCall.NamePrefix);
    }

    public static SourceTraits Promise { get; } = new()
    {
        Guarantee = DeliveryGuarantee.AtMostOnce,
        CanReplay = false,
        PositionOrder = PositionOrder.None,
        NeverBlocksSockets = true,
        Loss = "What happens to keys while the source is not connected; each such interval is a loss window, the host's downtime too. "
            + "FLUSHALL and FLUSHDB notify nobody and are a window; \"expired\" comes when the server deletes the key.",
        Order = "As the server sent it, which is the order of the commands.",
    };

    public SourceTraits Traits => Promise;

    /// <summary>What the channels of a database's keys begin with.</summary>
    public static string PrefixOf(int database) => string.Create(CultureInfo.InvariantCulture, $"__keyspace@{database}__:");

    public Subscription Subscription { get; }

    public bool DependsOnSettings => true;

    public bool IsFromEveryPrimary => true;

    public CanaryCall CallCanary(string name)
    {
        var key = _keyPrefix + name;
        return new CanaryCall(_prefix + key, "set", ["SET", key, "1", "PX", CanaryLife]);
    }

    public async ValueTask<long> CheckAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        await _check.RunAsync(connection, cancellationToken).ConfigureAwait(false);
        return await _flushes.CountAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    public bool IsWanted(in PushMessage message)
    {
        foreach (var wanted in _events)
        {
            if (message.Payload.Span.SequenceEqual(wanted))
            {
                return true;
            }
        }

        return _events.Length == 0;
    }

    public async ValueTask PrepareAsync(IReadOnlyList<PushMessage> messages, string node)
    {
        if (_readers is null)
        {
            return;
        }

        _values.Clear();
        _keys.Clear();
        foreach (var message in messages)
        {
            var key = KeyOf(message).Span;
            if (!_valueOf.ContainsKey(key))
            {
                _valueOf[key] = default;
                _valueOf.TryGetValue(key, out var copy, out _);
                _keys.Add(copy!);
            }
        }

        await _readers.ReadAsync(_keys, node, _values).ConfigureAwait(false);
    }

    public ChangeEvent Read(in PushMessage message, SourcePosition position)
    {
        var key = KeyOf(message).Span;
        var row = _readers is null ? _rows.Of(message.Payload.Span, key) : _rows.Of(message.Payload.Span, key, _valueOf[key]);
        return new ChangeEvent
        {
            Kind = ChangeKind.Message,
            Subject = _subject,
            Key = row.GetMemory(KeyspaceRows.KeyField),
            After = row,
            Position = position,
        };
    }

    public ValueTask DisposeAsync() => _readers?.DisposeAsync() ?? default;

    ReadOnlyMemory<byte> KeyOf(in PushMessage message) => message.Channel[_prefix.Length..];
}
