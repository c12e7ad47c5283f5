namespace Penstock.Redis;

/// <summary>Asks a node of a cluster who serves which slots.</summary>
static class SlotMapReader
{
    /// <exception cref="RedisClientException">The node is not one of a cluster, refuses to tell, or went away.</exception>
    public static async ValueTask<SlotMap> ReadAsync(RedisConnection node, bool tls, CancellationToken cancellationToken)
    {
        var asked = RedisEndpoint.Parse(node.Endpoint);
        var shards = await AskAsync(node, "SHARDS", cancellationToken).ConfigureAwait(false);
        if (!shards.IsError)
        {
            return FromShards(shards, asked, tls);
        }

        // Redis 6 does not know SHARDS, and an ACL may know SLOTS alone.
        var slots = await AskAsync(node, "SLOTS", cancellationToken).ConfigureAwait(false);
        return slots.IsError ? throw Refusal(slots, asked) : FromSlots(slots, asked);
    }

    static async ValueTask<RespValue> AskAsync(RedisConnection node, string what, CancellationToken cancellationToken)
    {
        var command = new CommandBuffer();
        command.AddCommand("CLUSTER", what);
        var reply = new RespValue[1];
        await node.ExecuteAsync(command, reply, cancellationToken).ConfigureAwait(false);
        return reply[0];
    }

    static RedisClientException Refusal(RespValue error, RedisEndpoint asked)
    {
        var refusal = RedisException.From(error);
        return refusal switch
        {
            { Code: "NOPERM" } => new RedisConnectionException(
                FailureKind.Permanent,
                $"{asked} does not tell who serves which slots: {refusal.Message}. Grant +cluster|shards (or +cluster|slots) to connection.user, with ACL SETUSER.",
                refusal),
            _ when refusal.Message.Contains("cluster support disabled", StringComparison.Ordinal) => new RedisConnectionException(
                FailureKind.Permanent, $"{asked} is no node of a cluster. Leave connection.topology out, or set it to \"standalone\".", refusal),
            _ => refusal,
        };
    }

    static SlotMap FromShards(RespValue shards, RedisEndpoint asked, bool tls)
    {
        var map = new SlotMap.Builder();
        foreach (var shard in shards.Items)
        {
            RedisEndpoint? primary = null;
            foreach (var node in shard.Find("nodes"u8).Items)
            {
                var securePort = node.Find("tls-port"u8);
                var port = tls && !securePort.IsNull ? securePort : node.Find("port"u8);
                if (EndpointOf(node.Find("endpoint"u8), port, asked) is { } endpoint)
                {
                    map.AddNode(endpoint);
                    primary = node.Find("role"u8).Span.SequenceEqual("master"u8) ? endpoint : primary;
                }
            }

            var slots = shard.Find("slots"u8).Items;
            for (var i = 0; i + 1 < slots.Length && primary is { } owner; i += 2)
            {
                map.AddSlots(slots[i].AsInt64(), slots[i + 1].AsInt64(), owner);
            }
        }

        return map.Build();
    }

    static SlotMap FromSlots(RespValue ranges, RedisEndpoint asked)
    {
        var map = new SlotMap.Builder();
        foreach (var range in ranges.Items)
        {
            for (var i = 2; i < range.Count; i++)
            {
                if (EndpointOf(range[i][0], range[i][1], asked) is { } endpoint)
                {
                    map.AddNode(endpoint);
                    if (i == 2)
                    {
                        map.AddSlots(range[0].AsInt64(), range[1].AsInt64(), endpoint);
                    }
                }
            }
        }

        return map.Build();
    }

    // A node that does not know its own address, or is not to tell it, leaves it out: then it is the one that was asked (for itself at least).
    // https://redis.io/docs/latest/commands/cluster-slots/ (cluster-preferred-endpoint-type)
    static RedisEndpoint? EndpointOf(RespValue host, RespValue port, RedisEndpoint asked)
    {
        var name = host.Span is [] or [(byte)'?'] ? asked.Host : host.AsText();
        return !port.IsNull && RedisEndpoint.TryCreate(name, $"{port.AsInt64()}", out var endpoint) ? endpoint : null;
    }
}
