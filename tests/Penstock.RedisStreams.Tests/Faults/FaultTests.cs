namespace Penstock.RedisStreams.Tests.Faults;

/// <inheritdoc cref="SinkFaults.SurviveAsync"/>
/// <param name="victims">The servers of one topology.</param>
[Trait("Scenario", "SR01")]
[Trait("Scenario", "SR02")]
public abstract class FaultTests(Victims victims)
{
    [Theory]
    [InlineData("killed")]
    [InlineData("frozen")]
    [InlineData("paused")]
    [InlineData("cut")]
    [InlineData("demoted")]
    [InlineData("full")]
    [InlineData("unsaved")]
    [InlineData("loading")]
    [InlineData("revoked")]
    public async Task Nothing_is_lost_or_out_of_order(string fault)
    {
        await SinkFaults.SurviveAsync(victims, fault, atomic: false);
        await SinkFaults.SurviveAsync(victims, fault, atomic: true);
    }
}
