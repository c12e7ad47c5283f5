namespace Penstock.Runtime.Tests.Support;

/// <summary>The checks that other tests lean on see the mistakes they are for.</summary>
public sealed class OracleTests
{
    [Theory]
    [InlineData(nameof(Flaw.None), 0, 0, 0)]
    [InlineData(nameof(Flaw.Drop), 1, 0, 0)]
    [InlineData(nameof(Flaw.Duplicate), 0, 1, 0)]
    [InlineData(nameof(Flaw.Reorder), 0, 0, 1)]
    public async Task A_flawed_sink_is_seen(string flaw, int lost, int repeated, int outOfOrder)
    {
        using var rig = new Rig();
        rig.Store.Flaw = Enum.Parse<Flaw>(flaw);
        rig.Log.AppendChanges(1, 8, markEvery: 8).Complete();

        await rig.RunToEndAsync();

        Assert.Equal(lost, Math.Sign(Oracle.Lost(rig.Store, 8).Count()));
        Assert.Equal(repeated, Math.Sign(Oracle.Repeated(rig.Store).Count()));
        Assert.Equal(outOfOrder, Math.Sign(Oracle.OutOfOrder(rig.Store).Count()));
    }

    [Fact]
    public void Unbalanced_books_are_seen() => Assert.False(new Books("s", "k", Read: 5, Delivered: 1, Skipped: 1, DeadLettered: 1, InFlight: 1).Balance);
}
