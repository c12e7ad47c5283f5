using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Tells whoever trims a stream how far a reader without a group is: what its checkpoint covers, in a hash beside the stream. A reader that is gone for good is taken out by HDEL.
/// </summary>
/// <param name="options">The source's options.</param>
/// <param name="context">What the host gave the source.</param>
/// <param name="log">Where to tell that it is not allowed.</param>
sealed class ReaderPlaces(RedisStreamsOptions options, SourceContext context, ILogger log)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A server without memory denies HSET, and makes no room while nobody tells that entries are not needed any more. Servers before 7.0 do not know the flag.
    static readonly RedisScript WithoutMemory = new("#!lua flags=allow-oom\nreturn redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])");

    readonly string _reader = $"{context.Pipeline}/{context.Instance}";
    long? _told;
    bool _isRefused;
    bool _isWarned;

    /// <summary>The hash of a stream's readers, from their names to the last ids that they have checkpointed.</summary>
    public static string KeyOf(string keyPrefix, string stream) => $"{keyPrefix}readers:{HashTag.Of(stream)}:{stream}";

    /// <summary>On a new connection nothing is known to be told: the server may be another one.</summary>
    public void Forget(IReadOnlyList<StreamState> streams)
    {
        _told = null;
        foreach (var stream in streams)
        {
            stream.IsKnownToTrimmers = false;
        }
    }

    /// <summary>Writes the places once a second, also those that have not changed: a server can lose them.</summary>
    public async ValueTask TellAsync(RedisConnection connection, IReadOnlyList<StreamState> streams, CancellationToken cancellationToken)
    {
        if (_isRefused || (_told is { } told && context.TimeProvider.GetElapsedTime(told) < Interval))
        {
            return;
        }

        _told = context.TimeProvider.GetTimestamp();
        foreach (var stream in streams)
        {
            try
            {
                await TellAsync(connection, KeyOf(options.Connection.KeyPrefix, stream.Name), $"{stream.Checkpointed}", cancellationToken).ConfigureAwait(false);
                stream.IsKnownToTrimmers = true;
                _isWarned = false;
            }
            catch (RedisException e) when (!e.NeedsOtherServer)
            {
                // A server without memory, or that cannot save, denies writes and is read all the same. An older place keeps more.
                _isRefused = e.Code == "NOPERM";
                if (!_isWarned)
                {
                    log.PlaceIsNotTold(stream.Name, e.Message);
                    _isWarned = true;
                }

                return;
            }
        }
    }

    async ValueTask TellAsync(RedisConnection connection, string key, string place, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync(["HSET", key, _reader, place], cancellationToken).ConfigureAwait(false);
        }
        catch (RedisException full) when (full.Code == "OOM")
        {
            try
            {
                await WithoutMemory.RunAsync(
                    connection,
                    keys: 1,
                    arguments: 2,
                    command =>
                    {
                        command.Add(key);
                        command.Add(_reader);
                        command.Add(place);
                    },
                    cancellationToken).ConfigureAwait(false);
            }
            catch (RedisException e) when (e.Code == "NOPERM" || e.Message.Contains("compiling script", StringComparison.Ordinal))
            {
                // Scripts are a right of those who trim. The place is told when there is memory again.
                throw full;
            }
        }
    }
}
