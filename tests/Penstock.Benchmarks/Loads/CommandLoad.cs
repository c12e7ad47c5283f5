namespace Penstock.Benchmarks.Loads;

/// <summary>One Redis command per event: XADD or PUBLISH, on one connection, pipelined when it is late.</summary>
sealed class CommandLoad(int port, params string[] command) : ILoad
{
    const int MostAtOnce = 512;

    public int PerSend => 1;

    public static CommandLoad Add(int port, string stream, int payloadBytes) =>
        new(port, "XADD", stream, "*", "payload", Marker.Payload(0, payloadBytes));

    public static CommandLoad Publish(int port, string channel, int payloadBytes) => new(port, "PUBLISH", channel, Marker.Payload(0, payloadBytes));

    public async Task RunAsync(Pace pace, long first, long sends)
    {
        using var redis = new Resp(port);
        var sending = LoadThread.Start(() => Send(redis, pace, first, sends));
        var reading = LoadThread.Start(() =>
        {
            for (var i = 0L; i < sends; i++)
            {
                redis.Skip(1);
            }
        });
        await sending;
        await reading;
    }

    void Send(Resp redis, Pace pace, long first, long sends)
    {
        Pace.Sharpen();
        var one = Resp.Command(command);
        var marker = one.AsSpan().IndexOf(Marker.Prefix);
        var commands = new byte[one.Length * MostAtOnce];
        for (var sent = 0L; sent < sends;)
        {
            pace.Await(sent);
            var count = (int)Math.Min(Math.Min(pace.DueNow(), sends) - sent, MostAtOnce);
            for (var i = 0; i < count; i++)
            {
                var target = commands.AsSpan(i * one.Length, one.Length);
                one.CopyTo(target);
                Marker.Write(target[marker..], first + sent + i);
            }

            redis.Send(commands.AsSpan(0, count * one.Length));
            sent += count;
        }
    }
}
