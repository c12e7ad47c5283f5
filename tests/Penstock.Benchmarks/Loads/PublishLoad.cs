using Penstock.TestServers;

namespace Penstock.Benchmarks.Loads;

/// <summary>Publishes to one channel: some seconds at a tenth of the rate, so that the subscriber is warm, then at the rate.</summary>
/// <param name="Port">The server's.</param>
/// <param name="PerSecond">The rate; infinite for as fast as the server takes it.</param>
/// <param name="Messages">Messages that count.</param>
sealed record PublishLoad(int Port, double PerSecond, long Messages)
{
    public const string Channel = "bench";
    public const int PayloadBytes = 150;

    const int WarmUpSeconds = 3;
    const double WarmUpPerSecond = 20_000;

    public static long WarmUp => (long)(WarmUpPerSecond * WarmUpSeconds);

    public long Total => WarmUp + Messages;

    /// <summary>Publishes all; whoever is to receive them has subscribed.</summary>
    public async Task RunAsync()
    {
        using (var redis = new PlainRedis(Port))
        {
            await Eventually.HoldsAsync(() => (long)((object?[])redis.Send("PUBSUB", "NUMSUB", Channel)!)[1]! == 1, "somebody has subscribed");
        }

        var load = CommandLoad.Publish(Port, Channel, PayloadBytes);
        await load.RunAsync(Pace.StartingIn(TimeSpan.Zero, WarmUpPerSecond), 0, WarmUp);
        await load.RunAsync(Pace.StartingIn(TimeSpan.Zero, PerSecond), WarmUp, Messages);
    }
}
