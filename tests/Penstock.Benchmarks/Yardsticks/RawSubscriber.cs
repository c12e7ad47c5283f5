using System.Diagnostics;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>A bare socket that counts the bytes that come to it: every message on the channel is equally long.</summary>
static class RawSubscriber
{
    public static async Task<Sample> RunAsync(PublishLoad load, ServerCpu servers, long planted = 0)
    {
        using var redis = new Resp(load.Port);
        redis.Send(Resp.Command("SUBSCRIBE", PublishLoad.Channel));
        redis.Skip(1);

        var size = Resp.Command("message", PublishLoad.Channel, Marker.Payload(0, PublishLoad.PayloadBytes)).Length;
        var (from, to) = (PublishLoad.WarmUp * size, (load.Total + planted) * size);
        long received = 0, startedAt = 0, endedAt = 0, bytesAtStart = 0;
        Dictionary<string, double> before = [];
        redis.Socket.ReceiveTimeout = 15_000;
        var reading = LoadThread.Start(() =>
        {
            var buffer = new byte[256 * 1024];
            while (received < to)
            {
                received += redis.Socket.Receive(buffer);
                if (startedAt == 0 && received > from)
                {
                    (startedAt, bytesAtStart, before) = (Stopwatch.GetTimestamp(), received, servers.Read());
                }
            }

            endedAt = Stopwatch.GetTimestamp();
        });
        await load.RunAsync();
        try
        {
            await reading;
        }
        catch (System.Net.Sockets.SocketException)
        {
            throw new MeasurementException($"the yardstick received {received / size} messages, expected {load.Total + planted}");
        }

        var events = (received - bytesAtStart) / size;
        return new Sample
        {
            Subject = SubscriberArrivals.Name,
            Events = events,
            Seconds = Stopwatch.GetElapsedTime(startedAt, endedAt).TotalSeconds,
            ServerCpuMicroseconds = ServerCpu.PerEvent(before, servers.Read(), events),
        };
    }
}
