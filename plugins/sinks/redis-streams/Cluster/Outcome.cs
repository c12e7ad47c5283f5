using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Cluster;

/// <summary>What the nodes answered to one write: what went wrong, and what belongs elsewhere.</summary>
sealed class Outcome
{
    readonly List<StreamGroup> _moved = [];
    RedisClientException? _redirection;
    RedisClientException? _failure;
    RedisException? _poison;
    int _poisoned = int.MaxValue;

    /// <summary>A node refused a stream as a whole.</summary>
    public void Refuse(StreamGroup group, RedisException refusal, string endpoint)
    {
        group.Redirect = refusal.Redirect(endpoint);
        if (group.Redirect is null)
        {
            Fail(refusal);
        }
        else
        {
            _moved.Add(group);
            _redirection = refusal;
        }
    }

    /// <summary>A node refused one event; the others of its stream were added.</summary>
    public void Fail(RedisException error, int index)
    {
        if (!TransactionReply.IsPoison(error))
        {
            Fail(error);
        }
        else if (index < _poisoned)
        {
            (_poison, _poisoned) = (error, index);
        }
    }

    /// <summary>Keeps the failure; one that does not pass by itself goes before those that do.</summary>
    public void Fail(RedisClientException? failure)
    {
        if (failure is not null && _failure is not { Kind: not FailureKind.Transient })
        {
            _failure = failure;
        }
    }

    /// <summary>What is to be sent again, to where its node said.</summary>
    /// <exception cref="RedisClientException">Something failed, or was sent around too often.</exception>
    /// <exception cref="PluginException">An event can never be added, and all before it were.</exception>
    public List<StreamGroup> MovedOrThrow(bool mayFollow)
    {
        var failure = _failure ?? (_moved.Count > 0 && (!mayFollow || _poison is not null) ? _redirection : null);
        return failure is not null ? throw failure
            : _poison is not null ? throw PluginException.Poison(_poisoned, $"Its node refused the event: {_poison.Message}")
            : _moved;
    }
}
