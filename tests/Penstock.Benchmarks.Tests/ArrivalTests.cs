using System.Text;
using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Yardsticks;

namespace Penstock.Benchmarks.Tests;

/// <summary>Every number is seen once, wherever the bytes are cut; one that is missing or comes twice is noticed.</summary>
public sealed class ArrivalTests
{
    const int Numbers = 20;

    static readonly byte[] Bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, Numbers).Select(number => $"…{Marker.Payload(number, 40)}bench")));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(1000)]
    public void Numbers_are_found_wherever_the_bytes_are_cut(int piece)
    {
        var recorder = Recorder(Numbers);
        ByteArrivals.ReadAll(Cut(piece), recorder);
        Assert.Equal(Numbers, recorder.Arrived);
        Assert.Equal(Numbers, recorder.ToSample("all").Latency!.Count);
    }

    [Fact]
    public void A_number_that_is_missing_is_noticed() => Assert.Throws<MeasurementException>(() => ByteArrivals.ReadAll(Cut(1000), Recorder(Numbers + 1)));

    [Fact]
    public void A_number_that_comes_twice_is_noticed()
    {
        var recorder = Recorder(Numbers);
        recorder.Arrive(3, committedAt: 0);
        Assert.Throws<MeasurementException>(() => recorder.Arrive(3, committedAt: 0));
    }

    [Fact]
    public void A_number_of_another_run_is_noticed() => Assert.Throws<MeasurementException>(() => Recorder(Numbers).Arrive(Numbers + 1, committedAt: 0));

    [Fact]
    public void A_stall_is_charged_to_everything_that_was_due_in_it()
    {
        // Due one a millisecond, ten seconds ago: whatever arrives now is that late, however quickly it was sent in the end.
        var pace = Pace.StartingIn(TimeSpan.FromSeconds(-10), 1000);
        var recorder = new ArrivalRecorder(pace, first: 0, perSend: 1, total: 2, warmUp: 0);
        recorder.Arrive(0, committedAt: 0);
        recorder.Arrive(1, committedAt: 0);
        Assert.InRange(recorder.ToSample("late").Latency!.P50, 9_990, 60_000);
    }

    [Fact]
    public void The_time_of_an_event_is_read_to_the_microsecond() => Assert.Equal(
        new DateTime(2026, 11, 20, 21, 14, 0).AddTicks(1_234_560).Ticks,
        EventTime.Find("""{"v":1,"occurredAt":"2026-11-20T21:14:00.123456Z","transaction":null}"""u8));

    [Fact]
    public void An_event_without_a_time_has_none() => Assert.Equal(0, EventTime.Find("""{"occurredAt":null}"""u8));

    static ArrivalRecorder Recorder(long total) => new(Pace.StartingIn(TimeSpan.Zero, 1000), first: 1, perSend: 1, total, warmUp: 0);

    static Func<byte[], int, int> Cut(int piece)
    {
        var sent = 0;
        return (buffer, at) =>
        {
            var length = Math.Min(piece, Bytes.Length - sent);
            Bytes.AsSpan(sent, length).CopyTo(buffer.AsSpan(at));
            sent += length;
            return length;
        };
    }
}
