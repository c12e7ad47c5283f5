using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Settlement;

public sealed class InFlightTests
{
    [Fact(Timeout = 60_000)]
    public async Task Who_asks_while_bytes_come_and_go_never_sees_fewer_than_none()
    {
        var inFlight = new InFlight();
        using var looked = new CancellationTokenSource();
        var atWork = Task.Run(
            () =>
            {
                while (!looked.IsCancellationRequested)
                {
                    inFlight.Add(7);
                    inFlight.Settle(7);
                }
            },
            TestContext.Current.CancellationToken);

        // Until some were seen on their way: otherwise nothing was looked at in between.
        var (least, most) = (0L, 0L);
        for (var looks = 0; looks < 1_000_000 || most == 0; looks++)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var bytes = inFlight.Bytes;
            (least, most) = (Math.Min(least, bytes), Math.Max(most, bytes));
        }

        await looked.CancelAsync();
        await atWork;
        Assert.Equal(0, least);
        Assert.Equal(0, inFlight.Bytes);
    }
}
