namespace Penstock.RedisStreams.Tests.Faults;

public sealed class ClusterFaultTests(ClusterVictims victims) : FaultTests(victims), IClassFixture<ClusterVictims>
{
    [Theory]
    [InlineData("moved")]
    [InlineData("down")]
    public Task What_only_a_cluster_does_loses_nothing_and_puts_nothing_out_of_order(string fault) => Nothing_is_lost_or_out_of_order(fault);
}
