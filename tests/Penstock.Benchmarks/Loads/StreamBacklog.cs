namespace Penstock.Benchmarks.Loads;

/// <summary>Fills a Redis stream: every entry has one field, <c>payload</c>.</summary>
static class StreamBacklog
{
    const int Pipeline = 1000;

    public static void Fill(int port, string stream, long entries, int payloadBytes)
    {
        using var redis = new Resp(port);
        var command = Resp.Command("XADD", stream, "*", "payload", Marker.Payload(0, payloadBytes));
        var marker = command.AsSpan().IndexOf(Marker.Prefix);
        var commands = new byte[command.Length * Pipeline];
        for (var sent = 0L; sent < entries;)
        {
            var count = (int)Math.Min(Pipeline, entries - sent);
            for (var i = 0; i < count; i++)
            {
                var one = commands.AsSpan(i * command.Length, command.Length);
                command.CopyTo(one);
                Marker.Write(one[marker..], sent + i);
            }

            redis.Send(commands.AsSpan(0, count * command.Length));
            redis.Skip(count);
            sent += count;
        }

        redis.Send(Resp.Command("XLEN", stream));
        if (redis.ReadNumber() is var length && length != entries)
        {
            throw new MeasurementException($"the stream {stream} has {length} entries, expected {entries}");
        }
    }
}
