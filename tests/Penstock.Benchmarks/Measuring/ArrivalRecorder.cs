using System.Diagnostics;
using Penstock.Benchmarks.Loads;

namespace Penstock.Benchmarks.Measuring;

/// <summary>Notes when each number arrived, against when it was due; fails on one that came twice.</summary>
/// <param name="pace">When each send was due.</param>
/// <param name="first">The first number.</param>
/// <param name="perSend">Numbers per send.</param>
/// <param name="total">How many numbers there are.</param>
/// <param name="warmUp">How many of the first do not count.</param>
sealed class ArrivalRecorder(Pace pace, long first, int perSend, long total, long warmUp)
{
    readonly double[] _sinceDue = new double[total];
    readonly double[] _sinceCommit = new double[total];
    long _arrived;
    long _lastArrival;

    public long Total => total;

    public bool IsComplete => Volatile.Read(ref _arrived) >= total;

    public long Arrived => Volatile.Read(ref _arrived);

    /// <summary>Takes what came with one event.</summary>
    /// <param name="number">The number that its payload carries.</param>
    /// <param name="committedAt">UTC ticks of the commit; zero when it is not known.</param>
    public void Arrive(long number, long committedAt)
    {
        var now = Stopwatch.GetTimestamp();
        var index = number - first;
        if (index < 0 || index >= total || _sinceDue[index] != 0)
        {
            throw new MeasurementException($"number {number} arrived {(index < 0 || index >= total ? "and was never sent" : "twice")}");
        }

        _sinceDue[index] = (now - pace.Due(index / perSend)) * 1e3 / Stopwatch.Frequency;
        _sinceCommit[index] = committedAt == 0 ? 0 : (TimeProvider.System.GetUtcNow().UtcTicks - committedAt) / (double)TimeSpan.TicksPerMillisecond;
        _lastArrival = now;
        Volatile.Write(ref _arrived, _arrived + 1);
    }

    public Sample ToSample(string subject) => new()
    {
        Subject = subject,
        Events = total - warmUp,
        Seconds = (_lastArrival - pace.Due(warmUp / perSend)) / (double)Stopwatch.Frequency,
        Latency = LatencySummary.Of(_sinceDue[(int)warmUp..]),
        LatencyFromCommit = _sinceCommit[^1] == 0 ? null : LatencySummary.Of(_sinceCommit[(int)warmUp..]),
    };
}
