using System.Runtime.CompilerServices;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>Ends a reading as the host expects it: quietly when it was stopped, else with what was being done.</summary>
static class ExplainedReading
{
    /// <param name="messages">The reading.</param>
    /// <param name="doing">What is being done, for the message of a failure.</param>
    /// <param name="stopReading">Stops it.</param>
    public static async IAsyncEnumerable<SourceMessage> Explain(
        this IAsyncEnumerable<SourceMessage> messages, string doing, [EnumeratorCancellation] CancellationToken stopReading)
    {
        var reading = messages.GetAsyncEnumerator(CancellationToken.None);
        await using (reading.ConfigureAwait(false))
        {
            while (await MoveNextAsync(reading, doing, stopReading).ConfigureAwait(false))
            {
                yield return reading.Current;
            }
        }
    }

    static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<SourceMessage> reading, string doing, CancellationToken stopReading)
    {
        try
        {
            return await reading.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopReading.IsCancellationRequested)
        {
            return false;
        }
        catch (RedisClientException e)
        {
            throw e.ToPluginException(doing);
        }
    }
}
