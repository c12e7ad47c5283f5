using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Settlement;

public sealed class InFlightTests
{
    [Fact]
    public async Task Who_asks_while_bytes_come_and_go_never_sees_fewer_than_none()
    {
        var inFlight = new InFlight();
        var atWork = Task.Run(() =>
        {
            for (var i = 0; i < 1_000_000; i++)
            {
                inFlight.Add(7);
                inFlight.Settle(7);
            }
        }, TestContext.Current.CancellationToken);

        var (least, most) = (0L, 0L);
        while (!atWork.IsCompleted)
        {
            var bytes = inFlight.Bytes;
            (least, most) = (Math.Min(least, bytes), Math.Max(most, bytes));
        }

        await atWork;
        Assert.Equal(0, least);
        // It was looked at in between.
        Assert.True(most > 0);
        Assert.Equal(0, inFlight.Bytes);
    }
}
