using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>A bare socket that is subscribed to a channel and looks for the numbers in what comes.</summary>
sealed class SubscriberArrivals : IArrivals
{
    public const string Name = "raw subscriber";

    readonly Resp _redis;

    public SubscriberArrivals(int port, string channel)
    {
        _redis = new Resp(port);
        _redis.Send(Resp.Command("SUBSCRIBE", channel));
        _redis.Skip(1);
    }

    public void ReadAll(ArrivalRecorder recorder) =>
        ByteArrivals.ReadAll((buffer, length) => _redis.Socket.Receive(buffer.AsSpan(length)), recorder);

    public void Dispose() => _redis.Dispose();
}
