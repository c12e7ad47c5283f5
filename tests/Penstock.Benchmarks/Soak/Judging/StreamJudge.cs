using System.Text;
using Penstock.Benchmarks.Loads;

namespace Penstock.Benchmarks.Soak.Judging;

/// <summary>Reads what a sink writes to a Redis stream on a connection of its own, and trims what it has read.</summary>
sealed class StreamJudge(int port, string stream, SequenceJudge sequence)
{
    // Trimmed now and then: each time costs the server a command.
    const int ReadsPerTrim = 20;

    string _last = "0-0";
    volatile bool _isOver;

    public Task RunAsync() => LoadThread.Start(Run);

    /// <summary>Ends reading within a second.</summary>
    public void End() => _isOver = true;

    void Run()
    {
        using var redis = new Resp(port);
        for (var read = 1; !_isOver; read++)
        {
            redis.Send(Resp.Command("XREAD", "COUNT", "1000", "BLOCK", "1000", "STREAMS", stream, _last));
            if (redis.ReadArray() > 0)
            {
                redis.ReadArray();
                redis.ReadBulk();
                for (var entries = redis.ReadArray(); entries > 0; entries--)
                {
                    ReadEntry(redis);
                }
            }

            if (read % ReadsPerTrim == 0)
            {
                redis.Send(Resp.Command("XTRIM", stream, "MINID", _last));
                redis.Skip(1);
            }
        }
    }

    void ReadEntry(Resp redis)
    {
        redis.ReadArray();
        _last = Encoding.ASCII.GetString(redis.ReadBulk());
        var number = -1L;
        for (var fields = redis.ReadArray(); fields > 0; fields--)
        {
            var value = redis.ReadBulk();
            number = number < 0 ? Marker.Find(value) : number;
        }

        sequence.Arrive(number);
    }
}
