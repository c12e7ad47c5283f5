using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>Finds the numbers in any stream of bytes, without understanding the rest: the least that a reader can do.</summary>
static class ByteArrivals
{
    public static void ReadAll(Func<byte[], int, int> read, ArrivalRecorder recorder)
    {
        var buffer = new byte[256 * 1024];
        for (var length = 0; !recorder.IsComplete;)
        {
            var received = read(buffer, length);
            if (received <= 0)
            {
                throw new MeasurementException($"the bytes ended after {recorder.Arrived} of {recorder.Total} events");
            }

            length += received;
            var at = 0;
            for (int next; (next = buffer.AsSpan(at, length - at).IndexOf(Marker.Prefix)) >= 0 && length - at - next >= Marker.Length; at += next + Marker.Length)
            {
                recorder.Arrive(Marker.Find(buffer.AsSpan(at + next, Marker.Length)), committedAt: 0);
            }

            // A number may be cut in two.
            var rest = Math.Min(length - at, Marker.Length - 1);
            buffer.AsSpan(length - rest, rest).CopyTo(buffer);
            length = rest;
        }
    }
}
