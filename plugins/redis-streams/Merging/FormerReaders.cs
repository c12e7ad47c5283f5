using System.Globalization;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>The consumers of readers that the source has no longer, because there were more of them: what they left pending is nobody's.</summary>
/// <param name="consumer">The first reader's consumer.</param>
/// <param name="readers">How many there are now.</param>
sealed class FormerReaders(string consumer, int readers)
{
    // Not one that people number their hosts with: billing-2 is somebody else than the second reader of billing.
    const char Separator = '#';

    /// <summary>The consumer of a reader; the first one's is the source's, whatever their number.</summary>
    public static string NameOf(string consumer, int reader) => reader == 0 ? consumer : $"{consumer}{Separator}{reader + 1}";

    /// <summary>Those with pending entries of the stream. None when we may not ask.</summary>
    public async ValueTask<string[]> FindAsync(GroupReader reader, StreamState stream, CancellationToken cancellationToken)
    {
        try
        {
            var holders = await reader.ListHoldersAsync(stream, cancellationToken).ConfigureAwait(false);
            return Array.FindAll(holders, IsFormer);
        }
        catch (RedisException e) when (e.Code == "NOPERM")
        {
            return [];
        }
    }

    bool IsFormer(string name) =>
        name.Length > consumer.Length + 1 && name.StartsWith(consumer, StringComparison.Ordinal) && name[consumer.Length] == Separator
        && int.TryParse(name.AsSpan(consumer.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > readers;
}
