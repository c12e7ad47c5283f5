using System.Globalization;

namespace Penstock.Redis;

/// <summary>How far a subscriber may be behind before the server disconnects it.</summary>
public static class SubscriberCheck
{
    const string Setting = "client-output-buffer-limit";

    public static async ValueTask RunAsync(RedisCheck check, RedisConnection connection, CheckReport report, CancellationToken cancellationToken)
    {
        var limits = await check.SettingAsync(
            connection, Setting, "when it disconnects a subscriber that is slow is not known", cancellationToken).ConfigureAwait(false);
        if (limits is null)
        {
            return;
        }

        // Of each class of clients: its name, the hard limit, the soft limit, and for how many seconds.
        var words = limits.Split(' ');
        var place = Array.IndexOf(words, "pubsub");
        if (place < 0 || words.Length < place + 4 || !long.TryParse(words[place + 1], CultureInfo.InvariantCulture, out var hard)
            || !long.TryParse(words[place + 2], CultureInfo.InvariantCulture, out var soft))
        {
            return;
        }

        report.Fact(
            hard == 0 && soft == 0
                ? $"{connection.Endpoint} never disconnects a subscriber that is behind: what waits for it takes the server's memory ({Setting})"
                : $"{connection.Endpoint} disconnects a subscriber that is {Bytes(hard)} behind, or {Bytes(soft)} for {words[place + 3]} s ({Setting} pubsub): a loss window");
    }

    static string Bytes(long bytes) => bytes == 0 ? "without limit" : new ByteSize(bytes).ToString();
}
