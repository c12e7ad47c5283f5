using System.Runtime.CompilerServices;

namespace Penstock.Runtime.Tests.Acquisition;

public sealed class HandOverTests
{
    [Theory]
    [InlineData(false, "1+1+1+")]
    [InlineData(true, "3+")]
    public async Task What_is_here_is_handed_over_when_the_source_waits_unless_the_rest_of_a_transaction_is_on_its_way(bool inTransaction, string chunks)
    {
        var read = await PumpAsync(new SlowSource(Enumerable.Range(1, 3).Select(i => Change(i, inTransaction ? new TransactionMark("7", i, i == 3) : null))));
        Assert.Equal(chunks, read);
    }

    [Fact]
    public async Task A_transaction_that_is_cut_off_is_handed_over_as_far_as_it_came() =>
        Assert.Equal("2+", await PumpAsync(new SlowSource([Change(1, new TransactionMark("7", 1, false)), Change(2, new TransactionMark("7", 2, false))])));

    static ChangeEvent Change(int number, TransactionMark? transaction) => new()
    {
        Kind = ChangeKind.Insert,
        Subject = "s",
        Position = new SourcePosition("", (UInt128)number),
        Transaction = transaction,
    };

    // Events of each chunk that the lane gets, and a plus where it need not wait for more.
    static async Task<string> PumpAsync(IChangeSource source) =>
        string.Concat((await Pumping.RunAsync(source)).Select(chunk => $"{chunk.Count}{(chunk.EndsBurst ? "+" : "")}"));

    /// <summary>Has nothing more just now before every event and at the end.</summary>
    sealed class SlowSource(IEnumerable<ChangeEvent> events) : IChangeSource
    {
        public SourceTraits Traits { get; } = new() { Guarantee = DeliveryGuarantee.AtLeastOnce, CanReplay = true, PositionOrder = PositionOrder.Partition, Loss = "", Order = "" };

        public async IAsyncEnumerable<SourceMessage> ReadAsync(
            IReadOnlyList<Watermark> resumeAfter, [EnumeratorCancellation] CancellationToken stopReading)
        {
            foreach (var change in events)
            {
                await Task.Yield();
                yield return change;
            }

            await Task.Yield();
        }

        public ValueTask AcknowledgeAsync(IReadOnlyList<Watermark> reached, CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync() => default;
    }
}
