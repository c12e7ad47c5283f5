namespace Penstock.Redis;

/// <summary>
/// The slot map that the connections of one <see cref="RedisServers"/> share. Whatever hints that it is out of date makes the next question
/// read it anew: a redirection, a demoted or unreachable node, a cluster that is down.
/// </summary>
/// <param name="seeds">Where to ask at first, and when no known node answers.</param>
/// <param name="connect">Connects to a node.</param>
/// <param name="tls">Whether to go to the nodes' TLS ports.</param>
/// <param name="changes">Told of every map that was read; null when somebody else tells.</param>
sealed class ClusterView(
    IReadOnlyList<string> seeds, Func<RedisEndpoint, CancellationToken, ValueTask<RedisConnection>> connect, bool tls, TopologyChanges? changes)
{
    readonly Lock _gate = new();
    SlotMap? _map;
    Task<SlotMap>? _reading;
    RedisEndpoint? _askFirst;
    int _distrusts;
    int _distrustsAtReading = -1;
    RedisEndpoint? _askLast;
    int _turn;

    /// <summary>Makes the next <see cref="GetAsync"/> read anew.</summary>
    /// <param name="better">Who knows for certain, when somebody was named.</param>
    public void Distrust(RedisEndpoint? better = null)
    {
        lock (_gate)
        {
            _distrusts++;
            _askFirst = better ?? _askFirst;
        }
    }

    /// <summary>A node cannot be reached, or is no primary.</summary>
    public void Lost(RedisEndpoint node)
    {
        lock (_gate)
        {
            _distrusts++;
            _askLast = node;
        }
    }

    /// <summary>Takes a look at an error: some say that the data is elsewhere.</summary>
    public void Saw(RespValue error, string endpoint)
    {
        if (RedisException.From(error) is { NeedsOtherServer: true } refusal)
        {
            Distrust(refusal.Redirect(endpoint)?.Target);
        }
    }

    /// <summary>The map, read anew when there is doubt.</summary>
    /// <exception cref="RedisClientException">No node could be asked, or one refuses to tell.</exception>
    public async ValueTask<SlotMap> GetAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<SlotMap> reading;
            bool isOurs;
            lock (_gate)
            {
                if (_distrusts == _distrustsAtReading)
                {
                    return _map!;
                }

                isOurs = _reading is not { IsCompleted: false };
                reading = _reading = isOurs ? Task.Run(ReadAsync, CancellationToken.None) : _reading!;
            }

            // Nobody's end takes it from the others; connecting has its own limit.
            var map = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (isOurs)
            {
                return map;
            }

            // It may have begun before the doubt.
        }
    }

    async Task<SlotMap> ReadAsync()
    {
        int distrusts;
        RedisEndpoint? askFirst;
        lock (_gate)
        {
            distrusts = _distrusts;
            askFirst = _askFirst;
            _askFirst = null;
        }

        var failures = new List<RedisClientException>();
        foreach (var endpoint in Candidates(askFirst))
        {
            try
            {
                var node = await connect(endpoint, CancellationToken.None).ConfigureAwait(false);
                await using var closing = node.ConfigureAwait(false);
                var map = await SlotMapReader.ReadAsync(node, tls, CancellationToken.None).ConfigureAwait(false);
                changes?.Saw(map, endpoint);
                lock (_gate)
                {
                    _map = map;
                    _distrustsAtReading = distrusts;
                }

                return map;
            }
            catch (RedisClientException e) when (e.Kind == FailureKind.Transient)
            {
                failures.Add(e);
            }
        }

        throw NodeConnector.NoneOf(failures);
    }

    // Each time another one at first: a node that is cut off from the others would tell of old times for ever.
    IEnumerable<RedisEndpoint> Candidates(RedisEndpoint? askFirst)
    {
        IEnumerable<RedisEndpoint> known = _map is { Primaries: { Count: > 0 } primaries }
            ? [.. primaries.Skip(_turn++ % primaries.Count), .. primaries.Take((_turn - 1) % primaries.Count)]
            : [];
        IEnumerable<RedisEndpoint> first = askFirst is { } named ? [named] : [];
        return first.Concat(known.Concat(seeds.Select(RedisEndpoint.Parse)).OrderBy(node => node == _askLast)).Distinct();
    }
}
