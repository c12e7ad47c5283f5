using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

/// <summary>Looks whether the server's <c>notify-keyspace-events</c>, empty by default, covers the events that are asked for.</summary>
sealed class NotificationCheck(IReadOnlyList<string> events, bool hasCanary, ILogger log)
{
    const string Setting = "notify-keyspace-events";

    readonly string _needed = NotificationFlags.Needed(events, hasCanary);
    bool _toldUnknown;
    bool _toldRefused;

    /// <exception cref="PluginException">Flags are missing.</exception>
    public async ValueTask RunAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        TellUnknown();
        if (await ReadAsync(connection, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return;
        }

        var missing = NotificationFlags.Missing(found, _needed);
        if (missing.Length > 0)
        {
            // What others may rely on stays set.
            var remedy = found + missing;
            throw new PluginException(
                FailureKind.Permanent,
                $"Expected {Setting} at {connection.Endpoint} to have the flags \"{_needed}\", found \"{found}\" without \"{missing}\": "
                + $"the server would not send what is asked for. Run CONFIG SET {Setting} {remedy}, "
                + $"and put the line \"{Setting} {remedy}\" into redis.conf.");
        }
    }

    void TellUnknown()
    {
        foreach (var name in events)
        {
            if (!_toldUnknown && NotificationFlags.FlagOf(name) is null)
            {
                log.UnknownEvent(name, Setting);
            }
        }

        _toldUnknown = true;
    }

    // Null when the server does not tell.
    async ValueTask<string?> ReadAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await connection.ExecuteAsync(["CONFIG", "GET", Setting], cancellationToken).ConfigureAwait(false);
            return reply.Find("notify-keyspace-events"u8).AsText();
        }
        catch (RedisException refused) when (refused.Kind == FailureKind.Permanent)
        {
            if (!_toldRefused)
            {
                _toldRefused = true;
                log.CannotCheck(Setting, connection.Endpoint, refused.Message, _needed);
            }

            return null;
        }
    }
}
