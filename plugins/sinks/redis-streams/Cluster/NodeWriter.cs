using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Cluster;

/// <summary>The connection to one node, and what is sent there in one write: a transaction for each stream.</summary>
sealed class NodeWriter(RedisConnection connection, ServerSettings settings, EntryEncoder entries, ReplicaWait? replicas) : IAsyncDisposable
{
    readonly List<(StreamGroup Group, int FirstReply)> _groups = [];
    RespValue[] _replies = [];

    public bool IsOpen => connection.IsOpen;

    public string Endpoint => connection.Endpoint;

    public ServerSettings Settings => settings;

    /// <summary>Why nothing is known of what was sent; null when the node has answered.</summary>
    public RedisClientException? Failure { get; private set; }

    public bool IsEmpty => _groups.Count == 0;

    public void Clear()
    {
        Failure = null;
        _groups.Clear();
        entries.Clear();
        Array.Clear(_replies);
    }

    /// <summary>Adds the transaction of a stream.</summary>
    /// <returns>The place in the batch of the first event that is larger than the node accepts; -1 when there is none.</returns>
    public int Add(StreamGroup group, IReadOnlyList<ChangeEvent> batch)
    {
        if (group.Redirect is { IsAsk: true })
        {
            // It holds until the transaction has ended.
            entries.Commands.Begin(1);
            entries.Commands.Add("ASKING"u8);
        }

        _groups.Add((group, entries.Commands.Count));
        entries.BeginTransaction();
        foreach (var index in group.Events)
        {
            if (entries.Add(batch[index], group.Stream) > settings.MaxEntryLength)
            {
                return index;
            }
        }

        entries.EndTransaction();
        return -1;
    }

    /// <summary>Sends it all and waits for the answers, and for the replicas when asked to.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        var count = entries.Commands.Count;
        if (_replies.Length < count)
        {
            _replies = new RespValue[count];
        }

        try
        {
            await connection.ExecuteOverEarlierAsync(entries.Commands, _replies, cancellationToken).ConfigureAwait(false);
            if (replicas is not null)
            {
                await replicas.WaitAsync(connection, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (RedisClientException e)
        {
            Failure = e;
        }
    }

    /// <summary>What became of each stream.</summary>
    public IEnumerable<(StreamGroup Group, TransactionReply Reply)> Replies()
    {
        foreach (var (group, first) in _groups)
        {
            yield return (group, new TransactionReply(_replies.AsMemory(first, group.Events.Count + 2)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        entries.Dispose();
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
