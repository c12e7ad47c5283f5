using Penstock.Sources.PostgresWal;

namespace Penstock.PostgresWal.Tests;

public sealed class ReadTurnTests
{
    [Fact]
    public void Nobody_reads_any_more_once_it_is_closed()
    {
        var turn = new ReadTurn();
        Assert.True(turn.TryTake());
        turn.Leave();

        Assert.True(turn.CloseAsync().IsCompletedSuccessfully);

        Assert.True(turn.IsWanted);
        Assert.False(turn.TryTake());
        Assert.True(turn.CloseAsync().IsCompletedSuccessfully);
    }

    [Fact]
    public void Closing_waits_for_the_reader_to_leave_and_does_not_let_it_back()
    {
        var turn = new ReadTurn();
        Assert.True(turn.TryTake());

        var closing = turn.CloseAsync();

        Assert.False(closing.IsCompleted);
        Assert.True(turn.IsWanted);
        turn.Leave();
        Assert.True(closing.IsCompletedSuccessfully);
        Assert.False(turn.TryTake());

        // A reader that was refused leaves as well.
        turn.Leave();
        Assert.False(turn.TryTake());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reader_and_closer_are_never_in_at_once(bool waits)
    {
        const int rounds = 3_000;
        const int roundsWithoutWaiting = 1_000_000;
        var both = 0;
        for (var round = 0; round < (waits ? rounds : roundsWithoutWaiting) && both == 0; round++)
        {
            var turn = new ReadTurn();
            var (inside, isClosed) = (0, 0);
            using var start = new Barrier(2);
            var reader = Task.Run(
                () =>
                {
                    start.SignalAndWait(TestContext.Current.CancellationToken);
                    for (var i = 0; i < 50 && turn.TryTake(); i++)
                    {
                        Volatile.Write(ref inside, 1);
                        both += Volatile.Read(ref isClosed);
                        Volatile.Write(ref inside, 0);
                        turn.Leave();
                    }
                },
                TestContext.Current.CancellationToken);
            start.SignalAndWait(TestContext.Current.CancellationToken);
            var closing = turn.CloseAsync();
            if (waits)
            {
                await closing;
            }

            Volatile.Write(ref isClosed, 1);
            Interlocked.Add(ref both, Volatile.Read(ref inside));
            await reader;
            await closing;
        }

        // Without the wait, this test sees them meet.
        Assert.Equal(waits, both == 0);
    }
}
