using Penstock.Runtime.Lanes;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Lanes;

public sealed class BreakerTests
{
    static readonly TimeSpan Max = TimeSpan.FromSeconds(30);

    readonly ManualTime _time = new();
    readonly Breaker _breaker;
    readonly object _first = new();
    readonly object _second = new();

    public BreakerTests() => _breaker = new Breaker(new RetryDelays { Max = Max }, _time);

    [Fact]
    public async Task The_first_lane_to_fail_tries_at_its_own_pace_and_the_others_wait_for_what_it_finds()
    {
        var first = Pause(_first, TimeSpan.FromSeconds(1));
        var second = Pause(_second, TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        await first;
        Assert.False(second.IsCompleted);

        _breaker.Recovered();
        await second;
    }

    [Fact]
    public async Task A_waiting_lane_tries_for_itself_when_nothing_is_found_for_long()
    {
        _ = Pause(_first, TimeSpan.FromSeconds(1));
        var second = Pause(_second, TimeSpan.FromSeconds(1));

        _time.Advance(Max - TimeSpan.FromTicks(1));
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await second;
    }

    [Fact]
    public async Task After_a_recovery_the_next_lane_to_fail_is_the_one_to_try()
    {
        await Fail(_first);
        _breaker.Recovered();

        var second = Pause(_second, TimeSpan.FromSeconds(2));
        var first = Pause(_first, TimeSpan.FromSeconds(2));

        _time.Advance(TimeSpan.FromSeconds(2));
        await second;
        Assert.False(first.IsCompleted);
    }

    [Fact]
    public async Task A_lane_that_is_told_to_end_does_not_wait()
    {
        using var end = new CancellationTokenSource();
        var waiting = _breaker.PauseAsync(_first, Max, end.Token);

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task When_the_server_is_back_all_lanes_go_on_at_once()
    {
        using var rig = new Rig();
        var isDown = true;
        var failed = new HashSet<int>();
        // Pauses nobody would sit out: only the success of one lane wakes the others.
        rig.Sink = rig.Sink with { Lanes = 4, Retry = new() { Initial = TimeSpan.FromMilliseconds(1), Max = TimeSpan.FromHours(1) } };
        rig.Store.BeforeWrite = (context, _, _) =>
        {
            lock (failed)
            {
                failed.Add(context.Lane);
            }

            return Volatile.Read(ref isDown) ? throw new IOException("the server went away") : default;
        };
        rig.Log.AppendChanges(1, 400, keys: 50).Complete();
        await using var running = rig.Start();
        await Until.Holds(() => failed.Count == 4);

        Volatile.Write(ref isDown, false);

        await running.EndAsync();
        Oracle.AssertExact(rig.Store, 400);
    }

    Task Pause(object lane, TimeSpan pause) => _breaker.PauseAsync(lane, pause, CancellationToken.None);

    async Task Fail(object lane)
    {
        var pausing = Pause(lane, TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        await pausing;
    }
}
