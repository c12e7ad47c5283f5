using Penstock.Benchmarks.Soak.Loads;

namespace Penstock.Benchmarks.Tests.Soak;

/// <summary>The gate lets through what is due, in whole sends, and says where it ended.</summary>
public sealed class GateTests
{
    [Fact]
    public void What_comes_out_lets_more_in()
    {
        var delivered = 0L;
        var gate = new Gate(() => delivered, perSend: 1);
        gate.OpenForMost();
        Assert.Equal(Gate.Window, gate.Await(0, int.MaxValue));
        delivered = 5;
        Assert.Equal(5, gate.Await(Gate.Window, int.MaxValue));
    }

    [Fact]
    public void The_end_lies_behind_a_whole_send_and_is_reached()
    {
        var gate = new Gate(() => 0, perSend: 30);
        gate.OpenForMost();
        Assert.Equal(30, gate.Await(0, 30));
        var end = gate.Close();
        Assert.Equal(0, end % 30);
        Assert.Equal(30, gate.Await(end - 30, 30));
        Assert.Equal(0, gate.Await(end, 30));
        Assert.Equal(end, gate.Due);
    }

    [Fact]
    public void A_rate_counts_from_what_was_sent_before()
    {
        var gate = new Gate(() => 0, perSend: 1);
        gate.OpenForMost();
        Assert.Equal(100, gate.Await(0, 100));
        gate.OpenAt(1);
        Assert.InRange(gate.Due, 101, 161);
    }
}
