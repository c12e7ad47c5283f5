using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

/// <summary>What the server answered to MULTI, some XADDs, and EXEC.</summary>
readonly struct TransactionReply(ReadOnlyMemory<RespValue> replies)
{
    const string TooLarge = "ERR Elements are too large";

    /// <summary>Why nothing at all was added: refused before EXEC, or at it. Null when the transaction ran.</summary>
    public RedisException? Refusal
    {
        get
        {
            foreach (var reply in replies.Span)
            {
                if (reply.IsError)
                {
                    return RedisException.From(reply);
                }
            }

            return null;
        }
    }

    /// <summary>How many entries it answers for, when the transaction ran.</summary>
    public int Count => Entries.Count;

    /// <summary>Whether all of them were added.</summary>
    public bool HasAll
    {
        get
        {
            foreach (var entry in Entries.Items)
            {
                if (entry.IsError)
                {
                    return false;
                }
            }

            return true;
        }
    }

    RespValue Entries => replies.Span[^1];

    /// <summary>Why this entry was refused while the transaction ran; null when it was added.</summary>
    public RedisException? ErrorOf(int entry) => Entries[entry] is { IsError: true } error ? RedisException.From(error) : null;

    /// <summary>It answers for another number of entries.</summary>
    public RedisProtocolException Unexpected(int count) => new($"Expected {count} replies to EXEC, found {Count}.");

    /// <summary>Throws what went wrong. The entries that were not refused were added, and are again with the same ids when the host repeats the batch.</summary>
    /// <remarks>
    /// So are those behind a poisonous one: a transaction goes on. Only an entry whose fields are together larger than 1 GB is found out so late;
    /// a single field that exceeds <c>proto-max-bulk-len</c> is found before the batch is sent.
    /// </remarks>
    /// <param name="count">How many entries there were.</param>
    /// <param name="endpoint">The server.</param>
    public void ThrowUnlessAdded(int count, string endpoint)
    {
        if (Refusal is { } refusal)
        {
            throw refusal;
        }

        if (Count != count)
        {
            throw Unexpected(count);
        }

        for (var i = 0; !HasAll && i < count; i++)
        {
            if (ErrorOf(i) is { } error)
            {
                throw IsPoison(error) ? PluginException.Poison(i, $"{endpoint} refused the event: {error.Message}") : error;
            }
        }
    }

    /// <summary>Whether such an entry can never be added.</summary>
    public static bool IsPoison(RedisException error) => error.Message.StartsWith(TooLarge, StringComparison.Ordinal);
}
