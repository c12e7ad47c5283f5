using System.Text;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>The connection that reads. It may block at the server, so it does nothing else.</summary>
sealed class GroupReader(RedisStreamsOptions options, string consumer, TimeSpan? delay, RedisConnection connection, TimeProvider time) : IAsyncDisposable
{
    // Whoever waits for new entries cannot look for abandoned ones, nor for a lease.
    readonly TimeSpan _block = Shorter(options.Block, options.Ordered ? StreamLeases.RetryInterval : options.ClaimIdle ?? options.Block);
    readonly DueEntries? _due = delay is { } age ? new DueEntries(age, options.Block, time) : null;
    readonly PageSize _page = new(options.Count);
    readonly CommandBuffer _command = new();
    readonly RespValue[] _looked = new RespValue[4];
    readonly byte[] _group = Encoding.UTF8.GetBytes(options.Group!);

    public string Endpoint => connection.Endpoint;

    public string Consumer => consumer;

    /// <summary>How long <see cref="ReadNewAsync"/> waits at the server.</summary>
    public TimeSpan Block => _block;

    public long ClientId => connection.ClientId;

    /// <summary>How many entries of a stream the last read asked for; so many promise more.</summary>
    public int Asked { get; private set; }

    /// <summary>Makes the group, and the stream when there is none; false when the group existed.</summary>
    public async ValueTask<bool> CreateGroupAsync(StreamState stream, string start, CancellationToken cancellationToken)
    {
        try
        {
            string[] place = start == RedisStreamsOptions.FromNow
                ? await PlaceOfNowAsync(stream, cancellationToken).ConfigureAwait(false)
                : [start, "MKSTREAM"];
            await connection.ExecuteAsync(["XGROUP", "CREATE", stream.Name, options.Group!, .. place], cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RedisException e) when (e.Code == "BUSYGROUP")
        {
            return false;
        }
        catch (RedisException e) when (e.Code == "OOM")
        {
            // A server without memory refuses to make what may be there; reading and acknowledging still work.
            if (!await HasGroupAsync(stream, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }

            return false;
        }
    }

    /// <summary>What the server says of the stream and the group, both at one moment; null when it does not count, or has neither.</summary>
    public async ValueTask<StreamFacts?> LookAsync(StreamState stream, CancellationToken cancellationToken)
    {
        _command.Clear();
        _command.AddCommand("MULTI");
        _command.AddCommand("XINFO", "STREAM", stream.Name);
        _command.AddCommand("XINFO", "GROUPS", stream.Name);
        _command.AddCommand("EXEC");
        await connection.ExecuteAsync(_command, _looked, cancellationToken).ConfigureAwait(false);
        if (!_looked[0].IsError && _looked[^1].IsError && RedisException.From(_looked[^1]).Code == "NOPERM")
        {
            throw new RedisConnectionException(
                FailureKind.Permanent, $"{Endpoint} allows MULTI and refuses EXEC: grant +exec as well, or neither of the two.", innerException: null);
        }

        foreach (var reply in _looked)
        {
            reply.OrThrow();
        }

        var facts = _looked[^1];
        return StreamFacts.Of(facts[0], facts[1], _group);
    }

    /// <summary>A page of a consumer's pending entries behind this id; those that were deleted since have no fields.</summary>
    public async ValueTask<RespValue> ReadPendingAsync(StreamState stream, string name, StreamId after, CancellationToken cancellationToken)
    {
        BeginRead(argumentCount: 9, name);
        _command.Add("STREAMS"u8);
        _command.Add(stream.NameBytes);
        after.AddTo(_command);
        var before = connection.BytesReceived;
        var reply = await connection.ExecuteAsync(_command, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        var entries = reply.Find(stream.NameBytes);
        _page.Learn(entries.Count, connection.BytesReceived - before);
        return entries;
    }

    /// <summary>The consumers of the group that have pending entries.</summary>
    public async ValueTask<string[]> ListHoldersAsync(StreamState stream, CancellationToken cancellationToken)
    {
        var reply = await connection.ExecuteAsync(["XPENDING", stream.Name, options.Group!], cancellationToken).ConfigureAwait(false);
        return [.. reply[3].Items.ToArray().Select(consumer => consumer[0].AsText())];
    }

    /// <summary>How many entries the consumers of the group have pending.</summary>
    public async ValueTask<long> CountPendingAsync(StreamState stream, CancellationToken cancellationToken)
    {
        var reply = await connection.ExecuteAsync(["XPENDING", stream.Name, options.Group!], cancellationToken).ConfigureAwait(false);
        return reply[0].AsInt64();
    }

    /// <summary>How many entries this consumer has pending.</summary>
    public async ValueTask<long> CountOwnPendingAsync(StreamState stream, CancellationToken cancellationToken)
    {
        var reply = await connection.ExecuteAsync(["XPENDING", stream.Name, options.Group!], cancellationToken).ConfigureAwait(false);
        foreach (var holder in reply[3].Items)
        {
            if (holder[0].AsText() == consumer)
            {
                return holder[1].AsInt64();
            }
        }

        return 0;
    }

    /// <summary>
    /// Takes over a page of what any consumer has held for so long. Replies with the id to go on from, 0-0 at the end; the entries; and, from
    /// Redis 7, the ids of those that were deleted, which are not pending any more.
    /// </summary>
    public async ValueTask<RespValue> ClaimAsync(StreamState stream, TimeSpan idle, StreamId from, CancellationToken cancellationToken)
    {
        _command.Clear();
        _command.Begin(8);
        _command.Add("XAUTOCLAIM"u8);
        _command.Add(stream.NameBytes);
        _command.Add(options.Group!);
        _command.Add(consumer);
        _command.Add((long)idle.TotalMilliseconds);
        from.AddTo(_command);
        _command.Add("COUNT"u8);
        _command.Add(_page.Count);
        var before = connection.BytesReceived;
        var reply = await connection.ExecuteAsync(_command, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        _page.Learn(reply[1].Count, connection.BytesReceived - before);
        return reply;
    }

    /// <summary>
    /// New entries of all streams, as names and lists of entries in turn; null when none came. Cannot be cancelled: what the server has
    /// handed out by then would be in doubt. With a delay, the wait for what is due can.
    /// </summary>
    public async ValueTask<RespValue> ReadNewAsync(IReadOnlyList<StreamState> streams, CancellationToken stopWaiting)
    {
        Asked = _page.Count;
        var before = connection.BytesReceived;
        var reply = _due is null
            ? await ReadNewestAsync(streams).ConfigureAwait(false)
            : await _due.ReadGroupAsync(connection, streams, options.Group!, consumer, Asked, stopWaiting).ConfigureAwait(false);
        _page.Learn(reply, connection.BytesReceived - before);
        return reply;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    ValueTask<RespValue> ReadNewestAsync(IReadOnlyList<StreamState> streams)
    {

        BeginRead(argumentCount: 9 + (2 * streams.Count), consumer);
        _command.Add("BLOCK"u8);
        _command.Add(Math.Max(1, (long)_block.TotalMilliseconds));
        _command.Add("STREAMS"u8);
        foreach (var stream in streams)
        {
            _command.Add(stream.NameBytes);
        }

        foreach (var _ in streams)
        {
            _command.Add(">"u8);
        }

        return connection.ExecuteAsync(_command, _block, CancellationToken.None);
    }

    async ValueTask<bool> HasGroupAsync(StreamState stream, CancellationToken cancellationToken)
    {
        try
        {
            var groups = await connection.ExecuteAsync(["XINFO", "GROUPS", stream.Name], cancellationToken).ConfigureAwait(false);
            return groups.Items.ToArray().Any(group => group.Find("name"u8).Span.SequenceEqual(_group));
        }
        catch (RedisException e) when (e.Code is "ERR" or "NOPERM")
        {
            return false;
        }
    }

    // A group that is made at $ does not know how many entries came before it, and nothing could be missed from that.
    async ValueTask<string[]> PlaceOfNowAsync(StreamState stream, CancellationToken cancellationToken)
    {
        try
        {
            var facts = await connection.ExecuteAsync(["XINFO", "STREAM", stream.Name], cancellationToken).ConfigureAwait(false);
            var added = facts.Find("entries-added"u8);
            return added.IsNull
                ? [RedisStreamsOptions.FromNow, "MKSTREAM"]
                : [facts.Find("last-generated-id"u8).AsText(), "MKSTREAM", "ENTRIESREAD", $"{added.AsInt64()}"];
        }
        catch (RedisException e) when (e.Code is "ERR" or "NOPERM")
        {
            // No such stream yet, or none of our business.
            return [RedisStreamsOptions.FromNow, "MKSTREAM"];
        }
    }

    static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    void BeginRead(int argumentCount, string name)
    {
        _command.Clear();
        _command.Begin(argumentCount);
        _command.Add("XREADGROUP"u8);
        _command.Add("GROUP"u8);
        _command.Add(options.Group!);
        _command.Add(name);
        _command.Add("COUNT"u8);
        _command.Add(_page.Count);
    }
}
