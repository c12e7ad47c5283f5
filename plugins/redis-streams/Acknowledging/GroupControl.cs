using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Acknowledges what the host has settled, and keeps what could not be acknowledged yet.</summary>
/// <param name="options">The source's options.</param>
/// <param name="isShared">Whether other readers of the source read the same streams.</param>
/// <param name="control">The connection.</param>
/// <param name="inFlight">What the reader has emitted.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where to tell of failures.</param>
sealed class GroupControl(
    RedisStreamsOptions options, bool isShared, ControlConnection control, InFlightEntries inFlight, TimeProvider time, ILogger log) : IAsyncDisposable
{
    static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    readonly SemaphoreSlim _turn = new(1, 1);
    readonly CommandBuffer _commands = new();
    readonly List<EntryBatch> _owed = [];
    readonly CancellationTokenSource _refused = new();
    RedisClientException? _refusal;
    long _failedAt;

    /// <summary>Cancelled when the server refuses acknowledgements for good.</summary>
    public CancellationToken Refused => _refused.Token;

    /// <summary>Whether something that failed is to be tried again, although nothing new is to be acknowledged.</summary>
    public bool IsOverdue => Volatile.Read(ref _failedAt) is var at && at != 0 && time.GetElapsedTime(at) >= RetryInterval;

    /// <exception cref="PluginException">The server refuses acknowledgements for good: whatever is read would stay pending for ever.</exception>
    public void ThrowIfRefused()
    {
        if (Volatile.Read(ref _refusal) is { } refusal)
        {
            throw refusal.ToPluginException($"Acknowledging {string.Join(", ", options.Streams)} as group \"{options.Group}\"");
        }
    }

    /// <summary>
    /// Acknowledges these batches and what is owed from before. What fails is kept, the entries stay pending for longer; after a refusal
    /// for good nothing is tried any more.
    /// </summary>
    public async ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken)
    {
        if (_refusal is not null)
        {
            return;
        }

        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            foreach (var watermark in reached)
            {
                if (watermark.Tag is EntryBatch batch && batch.InFlight == inFlight)
                {
                    _owed.Add(batch);
                }
            }

            await PayAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _failedAt, 0);
        }
        catch (RedisClientException e) when (e.Kind == FailureKind.Permanent)
        {
            log.AcknowledgeIsRefused(_owed.Count, e.Message);
            _owed.Clear();
            Volatile.Write(ref _refusal, e);
        }
        catch (Exception e) when (e is RedisClientException or OperationCanceledException)
        {
            log.AcknowledgeFails(_owed.Count, e.Message);
            if (e is RedisClientException { NeedsOtherServer: true })
            {
                await control.LeaveAsync().ConfigureAwait(false);
            }

            _owed.ForEach(batch => batch.WasTried = true);
            Volatile.Write(ref _failedAt, time.GetTimestamp());
        }
        finally
        {
            _turn.Release();
        }

        if (_refusal is not null)
        {
            await _refused.CancelAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await AcknowledgeAsync([], CancellationToken.None).ConfigureAwait(false);
        _refused.Dispose();
    }

    async ValueTask PayAsync(CancellationToken cancellationToken)
    {
        // Where several read a stream, one may have read from the new group before another has counted it; to the server an id that is not pending is nothing.
        Drop(batch => batch.Ids.IsEmpty || (!isShared && batch.Generation != batch.Stream.Generation));
        if (_owed.Count == 0)
        {
            return;
        }

        var replies = await control.UseAsync(
            connection => options.Ordered ? SendFencedAsync(connection, cancellationToken) : SendAsync(connection, cancellationToken), cancellationToken).ConfigureAwait(false);
        var index = 0;
        RedisException? refusal = null;
        Drop(batch =>
        {
            var (count, refused) = replies[index++];
            if (refused is { Code: not FencedAcknowledgement.Refusal })
            {
                refusal = refused;
                return false;
            }

            if (refused is not null)
            {
                log.AcknowledgeIsFenced(batch.Ids.Length, batch.Stream.Name);
            }
            else if (count < batch.Ids.Length && !batch.WasTried)
            {
                log.WereAcknowledgedByOthers(batch.Ids.Length - count, batch.Stream.Name);
            }

            return true;
        });
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    async ValueTask<AcknowledgeReply[]> SendAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        _commands.Clear();
        foreach (var batch in _owed)
        {
            Encode(batch);
        }

        var replies = new RespValue[_owed.Count];
        await connection.ExecuteAsync(_commands, replies, cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(replies, AcknowledgeReply.Of);
    }

    async ValueTask<AcknowledgeReply[]> SendFencedAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        var replies = new AcknowledgeReply[_owed.Count];
        for (var i = 0; i < replies.Length; i++)
        {
            replies[i] = await FencedAcknowledgement.SendAsync(connection, _owed[i], options.Group!, cancellationToken).ConfigureAwait(false);
        }

        return replies;
    }

    void Drop(Predicate<EntryBatch> isDone) => _owed.RemoveAll(batch =>
    {
        var done = isDone(batch);
        if (done)
        {
            inFlight.Remove(batch);
        }

        return done;
    });

    void Encode(EntryBatch batch)
    {
        var ids = batch.Ids;
        _commands.Begin(3 + ids.Length);
        _commands.Add("XACK"u8);
        _commands.Add(batch.Stream.NameBytes);
        _commands.Add(options.Group!);
        foreach (var id in ids)
        {
            id.AddTo(_commands);
        }
    }
}
