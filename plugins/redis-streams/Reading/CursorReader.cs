using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Reads streams from a place in each that only we know. Changes nothing at the server, so that any command may be broken off.</summary>
sealed class CursorReader(RedisStreamsOptions options, TimeSpan? delay, RedisConnection connection, TimeProvider time) : IAsyncDisposable
{
    readonly DueEntries? _due = delay is { } age ? new DueEntries(age, options.Block, time) : null;
    readonly PageSize _page = new(options.Count);
    readonly CommandBuffer _command = new();

    public string Endpoint => connection.Endpoint;

    public RedisConnection Connection => connection;

    /// <summary>Goes behind the stream's newest entry.</summary>
    public async ValueTask GoToEndAsync(StreamState stream, CancellationToken cancellationToken)
    {
        if (await LookAsync(stream, cancellationToken).ConfigureAwait(false) is { } facts)
        {
            stream.LastEmitted = facts.LastGenerated;
            stream.Count = facts.Added;
        }
    }

    /// <summary>What the server says of the stream; of what was read, only we know.</summary>
    public async ValueTask<StreamFacts?> LookAsync(StreamState stream, CancellationToken cancellationToken)
    {
        try
        {
            var facts = await connection.ExecuteAsync(["XINFO", "STREAM", stream.Name], cancellationToken).ConfigureAwait(false);
            var found = StreamFacts.Of(facts, stream.LastEmitted, stream.Count);
            if (stream.Count is null && found is { } known && known.Delivered == known.LastGenerated)
            {
                // After an operator's choice, or in another stream: from the end on we can count.
                stream.Count = known.Added;
            }

            return found;
        }
        catch (RedisException e) when (e.Code == "ERR")
        {
            // No such key: whatever was in it is gone, and so are its counts. A stream of lower ids is noticed when it comes.
            return null;
        }
    }

    /// <summary>New entries of all streams, as names and lists of entries in turn; null when none came.</summary>
    public async ValueTask<RespValue> ReadNewAsync(IReadOnlyList<StreamState> streams, CancellationToken cancellationToken)
    {
        var before = connection.BytesReceived;
        var reply = _due is null
            ? await ReadBehindAsync(streams, cancellationToken).ConfigureAwait(false)
            : await _due.ReadRangesAsync(connection, streams, _page.Count, cancellationToken).ConfigureAwait(false);
        _page.Learn(reply, connection.BytesReceived - before);
        return reply;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    ValueTask<RespValue> ReadBehindAsync(IReadOnlyList<StreamState> streams, CancellationToken cancellationToken)
    {

        _command.Clear();
        _command.Begin(6 + (2 * streams.Count));
        _command.Add("XREAD"u8);
        _command.Add("COUNT"u8);
        _command.Add(_page.Count);
        _command.Add("BLOCK"u8);
        _command.Add(Math.Max(1, (long)options.Block.TotalMilliseconds));
        _command.Add("STREAMS"u8);
        foreach (var stream in streams)
        {
            _command.Add(stream.NameBytes);
        }

        foreach (var stream in streams)
        {
            stream.LastEmitted.AddTo(_command);
        }

        return connection.ExecuteAsync(_command, options.Block, cancellationToken);
    }
}
