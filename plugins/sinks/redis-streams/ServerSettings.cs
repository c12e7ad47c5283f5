using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

/// <summary>What a server's settings mean for the entries that it is given.</summary>
readonly record struct ServerSettings(Durability Durability, long MaxEntryLength)
{
    // Redis' default for proto-max-bulk-len.
    const long DefaultMaxLength = 512L * 1024 * 1024;

    /// <summary>Asks the server; a user without CONFIG GET learns nothing, and that is no failure.</summary>
    public static async ValueTask<ServerSettings> ReadAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        var commands = new CommandBuffer();
        commands.AddCommand("CONFIG", "GET", "appendonly");
        commands.AddCommand("CONFIG", "GET", "appendfsync");
        commands.AddCommand("CONFIG", "GET", "proto-max-bulk-len");
        var replies = new RespValue[3];
        await connection.ExecuteAsync(commands, replies, cancellationToken).ConfigureAwait(false);
        var length = replies[2].Find("proto-max-bulk-len"u8);
        return new ServerSettings(DurabilityOf(replies[0], replies[1]), length.IsNull ? DefaultMaxLength : length.AsInt64());
    }

    /// <summary>What a write has survived that may be at any of several servers.</summary>
    public static Durability Weakest(IEnumerable<Durability> servers) =>
        servers.Aggregate(Durability.Flushed, (weakest, server) =>
            weakest == Durability.Unknown || server == Durability.Unknown ? Durability.Unknown : (Durability)Math.Min((int)weakest, (int)server));

    static Durability DurabilityOf(RespValue appendOnly, RespValue appendFsync)
    {
        if (appendOnly.IsError || appendFsync.IsError)
        {
            return Durability.Unknown;
        }

        return (appendOnly.Find("appendonly"u8).AsText(), appendFsync.Find("appendfsync"u8).AsText()) switch
        {
            ("yes", "always") => Durability.Flushed,
            ("yes", "everysec") => Durability.EverySecond,

            // Snapshots, and an append-only file that the system flushes when it likes, promise nothing for one entry.
            _ => Durability.Memory,
        };
    }
}
