namespace Penstock.Redis;

/// <summary>What one write to the server waits for.</summary>
sealed class PendingReplies
{
    readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Memory<RespValue> _replies;
    readonly ReadOnlyMemory<byte> _fence;
    RespValue _error;
    int _received;

    /// <summary>Waits for as many replies as fit.</summary>
    public PendingReplies(Memory<RespValue> replies) => _replies = replies;

    /// <summary>
    /// Waits for the reply to a PING with this text. The commands before it answer with pushes; only their errors come as replies.
    /// </summary>
    public PendingReplies(ReadOnlyMemory<byte> fence) => _fence = fence;

    /// <summary>When the commands were sent, in ticks of UTC.</summary>
    public long SentAt { get; set; }

    /// <summary>Whether nobody looks at earlier replies any more.</summary>
    public bool EarlierMayGo { get; init; }

    /// <summary>Whether no reply has come yet.</summary>
    public bool IsFresh => _received == 0;

    public Task Completion => _completion.Task;

    /// <summary>Takes a reply; true when it was the last one.</summary>
    public bool Take(in RespValue reply)
    {
        if (_fence.IsEmpty)
        {
            _replies.Span[_received++] = reply;
            return _received == _replies.Length;
        }

        if (reply.IsError)
        {
            _error = _error.IsNull ? reply : _error;
            return false;
        }

        return reply.Span.SequenceEqual(_fence.Span);
    }

    public void Complete()
    {
        if (_error.IsError)
        {
            _completion.TrySetException(RedisException.From(_error));
        }
        else
        {
            _completion.TrySetResult();
        }
    }

    public void Fail(RedisClientException failure) => _completion.TrySetException(failure);
}
