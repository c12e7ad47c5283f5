using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Cluster;

/// <summary>
/// Adds a batch to streams of a cluster: a transaction for each stream, one write for each node, all nodes at once. What a node definitely
/// refused, because a slot has moved, is sent where it belongs; the rest is not sent again.
/// </summary>
sealed class ClusterStreamsSink(RedisStreamsOptions options, SinkContext context) : ISink
{
    // A slot that moves once more for each hop is none that anybody has seen.
    const int MaxHops = 5;

    readonly NodeWriters _nodes = new(options, context);
    readonly StreamGroups _groups = new(options);

    // What a write that threw had added all the same: the host repeats the very same events.
    readonly HashSet<ChangeEvent> _added = [];

    public SinkTraits Traits { get; private set; } = RedisStreamsPlugin.TraitsWith(Durability.Unknown);

    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _nodes.ConnectAsync(cancellationToken).ConfigureAwait(false);
            Traits = RedisStreamsPlugin.TraitsWith(ServerSettings.Weakest(_nodes.Nodes.Select(node => node.Settings.Durability)));
        }
        catch (RedisClientException e)
        {
            throw e.ToPluginException("Connecting to the Redis cluster");
        }
    }

    public async ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        try
        {
            await AddAsync(batch, cancellationToken).ConfigureAwait(false);
            _added.Clear();
        }
        catch (RedisClientException e)
        {
            throw e.ToPluginException("Writing to the Redis cluster");
        }
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();

    async ValueTask AddAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        PluginException? poison = null;
        var groups = _groups.Of(batch, batch.Count, _added);
        try
        {
            var open = groups;
            for (var hop = 1; open.Count > 0; hop++)
            {
                if (await EncodeAsync(open, batch, cancellationToken).ConfigureAwait(false) is var tooLarge and >= 0)
                {
                    // What comes before it is written first, of all streams.
                    Remember(groups, batch);
                    poison = PluginException.Poison(tooLarge, "The event is larger than its node accepts (proto-max-bulk-len).");
                    open = groups = _groups.Of(batch, tooLarge, _added);
                    continue;
                }

                NodeWriter[] used = [.. _nodes.Nodes.Where(node => !node.IsEmpty)];
                await Task.WhenAll(used.Select(node => node.SendAsync(cancellationToken))).ConfigureAwait(false);
                var outcome = new Outcome();
                foreach (var node in used)
                {
                    await TakeAsync(node, batch, outcome).ConfigureAwait(false);
                }

                open = outcome.MovedOrThrow(mayFollow: hop < MaxHops);
            }
        }
        catch
        {
            Remember(groups, batch);
            throw;
        }

        if (poison is not null)
        {
            throw poison;
        }
    }

    // The place in the batch of an event that is too large for its node, or -1.
    async ValueTask<int> EncodeAsync(List<StreamGroup> groups, IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        foreach (var node in _nodes.Nodes)
        {
            node.Clear();
        }

        foreach (var group in groups)
        {
            var node = await _nodes.OfAsync(group, cancellationToken).ConfigureAwait(false);
            if (node.Add(group, batch) is var tooLarge and >= 0)
            {
                return tooLarge;
            }
        }

        return -1;
    }

    async ValueTask TakeAsync(NodeWriter node, IReadOnlyList<ChangeEvent> batch, Outcome outcome)
    {
        var isUseless = node.Failure is not null;
        outcome.Fail(node.Failure);
        foreach (var (group, reply) in node.Failure is null ? node.Replies() : [])
        {
            if (reply.Refusal is { } refusal)
            {
                outcome.Refuse(group, refusal, node.Endpoint);
                isUseless |= refusal.NeedsOtherServer && group.Redirect is null;
            }
            else if (reply.Count != group.Events.Count)
            {
                outcome.Fail(reply.Unexpected(group.Events.Count));
            }
            else
            {
                group.IsAdded = reply.HasAll;
                for (var i = 0; !group.IsAdded && i < reply.Count; i++)
                {
                    if (reply.ErrorOf(i) is { } error)
                    {
                        outcome.Fail(error, group.Events[i]);
                    }
                    else
                    {
                        _added.Add(batch[group.Events[i]]);
                    }
                }
            }
        }

        if (isUseless)
        {
            await _nodes.DropAsync(node).ConfigureAwait(false);
        }
    }

    void Remember(List<StreamGroup> groups, IReadOnlyList<ChangeEvent> batch)
    {
        foreach (var group in groups)
        {
            if (group.IsAdded)
            {
                _added.UnionWith(group.Events.Select(index => batch[index]));
            }
        }
    }
}
