using System.Text;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>An independent reader of a Redis stream: XREAD BLOCK on a connection of its own.</summary>
sealed class StreamArrivals(int port, string stream, bool hasCommitTime = false) : IArrivals
{
    readonly Resp _redis = new(port);
    string _last = "0";

    public void ReadAll(ArrivalRecorder recorder)
    {
        while (!recorder.IsComplete)
        {
            _redis.Send(Resp.Command("XREAD", "COUNT", "1000", "BLOCK", "1000", "STREAMS", stream, _last));
            if (_redis.ReadArray() > 0)
            {
                _redis.ReadArray();
                _redis.ReadBulk();
                for (var entries = _redis.ReadArray(); entries > 0; entries--)
                {
                    ReadEntry(recorder);
                }
            }
        }
    }

    public void Dispose() => _redis.Dispose();

    void ReadEntry(ArrivalRecorder recorder)
    {
        _redis.ReadArray();
        _last = Encoding.ASCII.GetString(_redis.ReadBulk());
        long number = -1, committedAt = 0;
        for (var fields = _redis.ReadArray(); fields > 0; fields--)
        {
            var value = _redis.ReadBulk();
            if (number < 0 && (number = Marker.Find(value)) >= 0 && hasCommitTime)
            {
                committedAt = EventTime.Find(value);
            }
        }

        recorder.Arrive(number, committedAt);
    }
}
