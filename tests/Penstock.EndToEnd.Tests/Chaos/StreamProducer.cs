using System.Globalization;
using System.Net.Sockets;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>
/// Adds numbered entries to a stream, key after key, until it is stopped. An entry whose reply was lost is in doubt and is not repeated: the
/// server knows whether it is there.
/// </summary>
sealed class StreamProducer
{
    const int Keys = 50;

    readonly HashSet<(int Key, int Number)> _acknowledged = [];
    readonly Task _writing;
    volatile bool _isStopped;

    public StreamProducer(int port, string stream) => _writing = Task.Run(() => WriteAsync(port, stream));

    /// <summary>Ends it, and returns what the server said it has.</summary>
    public async Task<IReadOnlySet<(int Key, int Number)>> StopAsync()
    {
        _isStopped = true;
        await _writing;
        return _acknowledged;
    }

    async Task WriteAsync(int port, string stream)
    {
        PlainRedis? redis = null;
        for (var turn = 0; !_isStopped; turn++)
        {
            var (key, number) = (turn % Keys, (turn / Keys) + 1);
            try
            {
                redis ??= new PlainRedis(port);
                redis.Send("XADD", stream, "*", "id", key.ToString(CultureInfo.InvariantCulture), "n", number.ToString(CultureInfo.InvariantCulture));
                _acknowledged.Add((key, number));
            }
            catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
            {
                redis?.Dispose();
                redis = null;
                await Eventually.BackOffAsync();
            }
        }

        redis?.Dispose();
    }
}
