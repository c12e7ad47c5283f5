using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Lanes;

/// <summary>The clock stands still unless a test moves it, so a batch that arrives was not sent by the delay.</summary>
public sealed class BatchingTests : IDisposable
{
    readonly Rig _rig = new();
    readonly ManualTime _time = new();

    public BatchingTests()
    {
        _rig.Services = _rig.Services with { Time = _time };
        _rig.Options = _rig.Options with { CheckpointInterval = TimeSpan.FromDays(365) };
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_batch_ends_at_its_number_of_events()
    {
        _rig.Sink = _rig.Sink with { Batch = new() { MaxEvents = 10 } };
        _rig.Log.AppendChanges(1, 95);
        await using var running = _rig.Start();

        await Until.Holds(() => _rig.Store.Count == 95);

        Assert.Equal(10, _rig.Store.Batches.Max(batch => batch.Numbers.Length));
        Oracle.AssertExact(_rig.Store, 95);
    }

    [Fact]
    public async Task A_batch_ends_at_its_number_of_bytes()
    {
        _rig.Sink = _rig.Sink with { Batch = new() { MaxBytes = 40_000 } };
        _rig.Log.AppendChanges(1, 40, bytes: 10_000);
        await using var running = _rig.Start();

        await Until.Holds(() => _rig.Store.Count == 40);

        // The fourth event reaches the limit.
        Assert.Equal(4, _rig.Store.Batches.Max(batch => batch.Numbers.Length));
        Oracle.AssertExact(_rig.Store, 40);
    }

    // 256 events fill a chunk exactly, so that nothing is left to carry the end of the burst.
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(512)]
    public async Task The_end_of_a_burst_sends_the_batch_at_once(int burst)
    {
        _rig.Sink = _rig.Sink with { Batch = new() { MaxEvents = 1000, MaxDelay = TimeSpan.FromHours(1) } };
        _rig.Log.AppendChanges(1, burst);
        await using var running = _rig.Start();

        await Until.Holds(() => _rig.Store.Count == burst);
    }

    [Fact]
    public async Task A_pump_that_waits_for_room_leaves_no_lane_waiting_for_the_delay()
    {
        // Lane by lane few events, together more than may be read ahead of the oldest open one.
        _rig.Sink = _rig.Sink with { Lanes = 4, Batch = new() { MaxEvents = 50, MaxDelay = TimeSpan.FromHours(1) } };
        _rig.Log.AppendChanges(1, 5_000, keys: 100).Complete();
        await using var running = _rig.Start();

        await running.EndAsync();

        Oracle.AssertExact(_rig.Store, 5_000);
    }

    [Fact]
    public async Task While_the_source_has_more_a_batch_waits_for_its_delay_and_no_longer()
    {
        using var gate = new ManualResetEventSlim();
        _rig.Sink = _rig.Sink with { Batch = new() { MaxEvents = 1000, MaxDelay = TimeSpan.FromMilliseconds(5) } };
        // Blocks the pump inside a read that the host sees as still going on.
        _rig.MakeSource = () => new ScriptedSource(_rig.Log) { BeforeYield = yielded => WaitAt(yielded, 300, gate) };
        _rig.Log.Append(Enumerable.Range(1, 301).Select(number => Entry.Change((ulong)number)));
        await using var running = _rig.Start();

        // 256 of the 300 are in the lane and wait; only the clock sends them.
        await Until.Holds(() => _time.NextDue <= TimeSpan.FromMilliseconds(5));
        Assert.Equal(0, _rig.Store.Count);
        _time.Advance(TimeSpan.FromMilliseconds(5));
        await Until.Holds(() => _rig.Store.Count == 256);
        gate.Set();
        await Until.Holds(() => _rig.Store.Count == 301);
    }

    static void WaitAt(int yielded, int at, ManualResetEventSlim gate)
    {
        if (yielded == at)
        {
            gate.Wait(TimeSpan.FromSeconds(20));
        }
    }
}
