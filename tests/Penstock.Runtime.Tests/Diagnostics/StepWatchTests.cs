using Penstock.Runtime.Acquisition;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Diagnostics;

public sealed class StepWatchTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    readonly ManualTime _time = new();

    [Fact]
    public void A_step_is_under_way_from_its_beginning_to_its_end()
    {
        var watch = new StepWatch(StepKind.Write, "sink", 2, _time);
        Assert.Equal(new StepStatus(StepKind.Write, "sink", 2), watch.Status);

        watch.Begin();
        _time.Advance(Second);
        Assert.Equal(Second, watch.Status.UnderWay);
        Assert.False(watch.Status.HasWorked);

        watch.End();
        Assert.Equal(new StepStatus(StepKind.Write, "sink", 2) { HasWorked = true }, watch.Status);
    }

    [Fact]
    public void It_fails_from_the_beginning_of_the_first_attempt_that_failed_until_one_succeeds()
    {
        var watch = new StepWatch(StepKind.Checkpoint, "s", null, _time);
        Attempt("first");
        _time.Advance(Second);
        Attempt("second");

        Assert.Equal((null, Second + Second + Second, "second"), (watch.Status.UnderWay, watch.Status.Failing, watch.Status.Reason));

        watch.Begin();
        _time.Advance(Second);
        Assert.Equal((Second, 4 * Second), (watch.Status.UnderWay, watch.Status.Failing));
        watch.End();
        Assert.Null(watch.Status.Failing);
        Assert.Null(watch.Status.Reason);

        void Attempt(string reason)
        {
            watch.Begin();
            _time.Advance(Second);
            watch.Fail(reason);
        }
    }

    [Fact]
    public void A_source_that_reports_its_connections_is_connected_by_nothing_else()
    {
        var watch = new ReadWatch("s", _time);
        watch.Connecting();
        watch.Connected();
        Assert.True(watch.Status.HasWorked);

        watch.Failed("gone");
        watch.Connecting();
        watch.Yielded(new Watermark(new SourcePosition("", 1)));
        _time.Advance(60 * Second);
        Assert.Equal("gone", watch.Status.Reason);

        watch.Connected();
        watch.Yielded(new Watermark(new SourcePosition("", 1)));
        Assert.Null(watch.Status.Failing);
    }

    [Fact]
    public void A_source_that_connects_and_fails_at_once_again_and_again_fails_since_the_first_time()
    {
        var watch = new ReadWatch("s", _time);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            watch.Connecting();
            watch.Connected();
            watch.Failed($"closed {attempt}");
            _time.Advance(Second);
        }

        watch.Connecting();
        watch.Connected();
        Assert.Equal((10 * Second, "closed 9", true), (watch.Status.Failing, watch.Status.Reason, watch.Status.HasWorked));
    }

    [Fact]
    public void A_single_reconnect_is_over_when_it_has_stood_and_a_later_failure_is_another()
    {
        var watch = new ReadWatch("s", _time);
        watch.Connecting();
        watch.Failed("gone");
        watch.Connecting();
        watch.Connected();
        _time.Advance(4 * Second);
        Assert.Equal(4 * Second, watch.Status.Failing);

        _time.Advance(Second);
        // It may say so again.
        watch.Connected();
        Assert.Equal((null, null, null), (watch.Status.Failing, watch.Status.Reason, watch.Status.UnderWay));

        _time.Advance(Second);
        watch.Failed("gone again");
        _time.Advance(Second);
        Assert.Equal((Second, "gone again"), (watch.Status.Failing, watch.Status.Reason));
    }

    [Fact]
    public void An_event_proves_that_it_reads_also_after_other_messages_and_without_a_report()
    {
        var watch = new ReadWatch("s", _time);
        watch.Connecting();
        watch.Connected();
        watch.Failed("gone");
        watch.Connecting();
        watch.Yielded(new Watermark(new SourcePosition("", 1)));
        Assert.Equal("gone", watch.Status.Reason);

        watch.Yielded((ChangeEvent)Entry.Change(1).Make());
        Assert.Null(watch.Status.Failing);
    }

    [Fact]
    public void A_failure_after_a_long_silence_is_not_the_one_before_it()
    {
        var watch = new ReadWatch("s", _time);
        watch.Connecting();
        watch.Failed("no answer");
        watch.Connecting();
        _time.Advance(100 * Second);
        watch.Failed("reset");
        _time.Advance(Second);

        Assert.Equal((Second, "reset"), (watch.Status.Failing, watch.Status.Reason));
    }

    [Fact]
    public void A_source_that_never_does_is_connected_by_a_message()
    {
        var watch = new ReadWatch("s", _time);
        watch.Connecting();
        Assert.False(watch.Status.HasWorked);

        watch.Yielded(new Watermark(new SourcePosition("", 1)));
        Assert.True(watch.Status.HasWorked);
    }

    [Fact]
    public void And_by_reading_longer_than_a_connection_takes_to_fail()
    {
        var watch = new ReadWatch("s", _time);
        watch.Connecting();
        watch.Failed("no answer");
        watch.Connecting();
        _time.Advance(29 * Second);
        Assert.NotNull(watch.Status.Failing);
        Assert.False(watch.Status.HasWorked);

        _time.Advance(Second);
        Assert.Null(watch.Status.Failing);
        Assert.True(watch.Status.HasWorked);
    }
}
