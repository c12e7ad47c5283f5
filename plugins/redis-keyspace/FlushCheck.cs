using System.Globalization;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>
/// Counts the commands that change a whole database without a notification for any key: FLUSHALL was seen to send none (Redis 7.0).
/// The server counts the calls of each command, those inside scripts and transactions too.
/// </summary>
sealed class FlushCheck(ILogger log)
{
    static readonly string[] Lines = ["cmdstat_flushall:calls=", "cmdstat_flushdb:calls=", "cmdstat_swapdb:calls="];

    int _told;

    /// <summary>How many there were so far; 0 when the server does not tell.</summary>
    public async ValueTask<long> CountAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await connection.ExecuteAsync(["INFO", "commandstats"], cancellationToken).ConfigureAwait(false);
            return Count(reply.AsText());
        }
        catch (RedisException refused) when (refused.Kind == FailureKind.Permanent)
        {
            if (Interlocked.Exchange(ref _told, 1) == 0)
            {
                log.CannotSeeFlushes(connection.Endpoint, refused.Message);
            }

            return 0;
        }
    }

    static long Count(string stats)
    {
        var count = 0L;
        foreach (var line in stats.AsSpan().EnumerateLines())
        {
            foreach (var start in Lines)
            {
                if (line.StartsWith(start, StringComparison.Ordinal))
                {
                    var number = line[start.Length..];
                    count += long.Parse(number[..number.IndexOf(',')], CultureInfo.InvariantCulture);
                }
            }
        }

        return count;
    }
}
