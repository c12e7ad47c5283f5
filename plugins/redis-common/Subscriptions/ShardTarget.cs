using System.Text;

namespace Penstock.Redis;

/// <summary>Sharded channels whose slots one server owns; in a cluster.</summary>
sealed class ShardTarget(RedisServers servers, IReadOnlyList<byte[]> channels, string keyPrefix) : ListenTarget
{
    // A tag for each slot is found in some ten thousand attempts.
    const int MaxAttempts = 1_000_000;
    const int MaxNames = 8;

    IReadOnlyList<byte[]> _channels = channels;
    RedisEndpoint? _owner;

    public override string Where => _owner?.ToString() ?? "the owner of its slot";

    public override string Subject => string.Join(' ', _channels.Take(MaxNames).Select(Encoding.UTF8.GetString))
        + (_channels.Count > MaxNames ? $" and {_channels.Count - MaxNames} more" : "");

    public override int Count => _channels.Count;

    public override async ValueTask<IReadOnlyList<ListenTarget>> RegroupAsync(CancellationToken cancellationToken)
    {
        var owners = new Dictionary<int, RedisEndpoint?>();
        foreach (var channel in _channels)
        {
            var slot = HashSlot.Of(channel);
            if (!owners.ContainsKey(slot))
            {
                owners[slot] = await servers.FindOwnerAsync(slot, cancellationToken).ConfigureAwait(false);
            }
        }

        // Those that nobody serves now wait apart from the others.
        var groups = _channels.GroupBy(channel => owners[HashSlot.Of(channel)]).OrderBy(group => group.Key is null).ToList();
        _owner = groups[0].Key ?? await servers.OwnerOfAsync(HashSlot.Of(_channels[0]), cancellationToken).ConfigureAwait(false);
        _channels = [.. groups[0]];
        return [.. groups.Skip(1).Select(group => new ShardTarget(servers, [.. group], keyPrefix))];
    }

    public override ValueTask<RedisConnection> ConnectAsync(CancellationToken cancellationToken) =>
        servers.ConnectSubscriberToAsync(_owner!.Value, cancellationToken);

    public override ValueTask<RedisConnection> ConnectSenderAsync(string subscribed, CancellationToken cancellationToken) =>
        servers.ConnectAsync(_channels[0], cancellationToken);

    public override CommandBuffer Subscribe(string? canary)
    {
        var commands = new CommandBuffer();
        if (canary is not null)
        {
            commands.AddCommand("SSUBSCRIBE", canary);
        }

        Subscription.AddSharded(commands, _channels);
        return commands;
    }

    /// <summary>One in the slot of the first channel, so that it goes its way.</summary>
    public override ValueTask<CanaryCall?> CallCanaryAsync(string name, CancellationToken cancellationToken)
    {
        var slot = HashSlot.Of(_channels[0]);
        for (var tag = 0; tag < MaxAttempts; tag++)
        {
            var channel = $"{keyPrefix}{CanaryCall.NamePrefix}{{{tag}}}:{name}";
            if (HashSlot.Of(Encoding.UTF8.GetBytes(channel)) == slot)
            {
                return new(new CanaryCall(channel, name, ["SPUBLISH", channel, name]));
            }
        }

        return default;
    }

    public override ListenTarget? Leave(IReadOnlyList<RespValue> batch, string? canary)
    {
        var gone = default(HashSet<byte[]>);
        foreach (var push in batch)
        {
            if (push.Count == 3 && push[0].Span.SequenceEqual("sunsubscribe"u8))
            {
                (gone ??= new(BytesComparer.Instance)).Add(push[1].Bytes.ToArray());
            }
        }

        if (gone is null)
        {
            return null;
        }

        // Without its canary the rest would be unproven.
        var left = canary is not null && gone.Contains(Encoding.UTF8.GetBytes(canary)) ? [] : _channels.Where(channel => !gone.Contains(channel)).ToList();
        if (left.Count == 0)
        {
            return this;
        }

        var lost = _channels.Where(gone.Contains).ToList();
        _channels = left;
        return lost.Count == 0 ? null : new ShardTarget(servers, lost, keyPrefix);
    }
}
