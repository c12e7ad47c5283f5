using Penstock.Host.Admin.Health;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Host.Tests.Admin;

/// <summary>What was read and is not settled in time, seen from now and then.</summary>
public sealed class BacklogTests
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    readonly SteppedTime _time = new();
    readonly Backlog _backlog;

    public BacklogTests() => _backlog = new Backlog(Limit, _time);

    [Fact]
    public void An_idle_source_is_never_late()
    {
        Look(100, 100);
        _time.Step(3600);
        Look(100, 100);

        Assert.Null(_backlog.LateFor);
    }

    [Fact]
    public void A_busy_source_is_not_late_though_something_is_always_in_flight()
    {
        for (var second = 0; second < 100; second++)
        {
            Look(read: 1000 + (second * 100), settled: second * 100);
            _time.Step(1);
        }

        // A thousand in flight at a hundred a second: at its limit, and not beyond.
        Assert.Null(_backlog.LateFor);
    }

    [Fact]
    public void A_source_that_reads_on_while_its_oldest_event_stays_is_late_from_when_that_was_read()
    {
        Look(10, 10);
        _time.Step(5);
        Look(11, 10);
        for (var second = 1; second <= 12; second++)
        {
            _time.Step(1);
            Look(11 + second, 10);
        }

        Assert.Equal(12, _backlog.LateFor?.TotalSeconds);
    }

    [Fact]
    public void Being_late_ends_only_when_nothing_was_late_for_the_limit()
    {
        Look(1, 0);
        _time.Step(11);
        Look(2, 0);
        Assert.NotNull(_backlog.LateFor);

        Look(2, 2);
        _time.Step(9);
        Look(2, 2);
        Assert.NotNull(_backlog.LateFor);

        _time.Step(1);
        Look(2, 2);
        Assert.Null(_backlog.LateFor);
    }

    [Fact]
    public void After_a_trouble_of_another_kind_the_wait_begins_anew()
    {
        Look(1000, 0);
        _time.Step(20);
        Look(1000, 0);
        _backlog.Restart();
        Look(1000, 500);
        Assert.Null(_backlog.LateFor);

        _time.Step(10);
        Look(1000, 999);
        Assert.Equal(10, _backlog.LateFor?.TotalSeconds);
    }

    [Fact]
    public void Another_run_counts_anew()
    {
        Look(1000, 900);
        _time.Step(9);
        Look(5, 5);
        _time.Step(9);
        Look(6, 6);

        Assert.Null(_backlog.LateFor);
    }

    void Look(long read, long settled) => _backlog.Look(new SourceProgress("s", read, settled));

    sealed class SteppedTime : TimeProvider
    {
        long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds;

        public void Step(int seconds) => _seconds += seconds;
    }
}
