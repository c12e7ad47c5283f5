using Penstock.Sources.PostgresWal;

namespace Penstock.PostgresWal.Tests.Snapshot;

public sealed class SnapshotOrderTests
{
    // Of a transaction that waited for a standby, which does not show in the WAL; and of those that began meanwhile.
    [Theory]
    [InlineData("10:12:10", "12:12:")]
    [InlineData("10:13:10,11", "11:13:11")]
    [InlineData("10:14:10,12", "10:15:10,14")]
    [InlineData("4294967290:4294967300:4294967290,4294967295", "4294967295:4294967300:4294967295")]
    public void Rows_that_are_read_again_at_the_same_place_by_a_later_snapshot_come_behind_those_that_were_read(string before, string after)
    {
        var (first, again) = (TransactionSnapshot.Parse(before, isStandby: false), TransactionSnapshot.Parse(after, isStandby: false));

        Assert.True(SnapshotOrder.Of(1000, again, 1) > SnapshotOrder.Of(1000, first, 1_000_000));
        Assert.True(SnapshotOrder.Of(1000, first, 2) > SnapshotOrder.Of(1000, first, 1));
        Assert.True(SnapshotOrder.Of(1001, first, 1) > SnapshotOrder.Of(1000, again, 2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17_000_000_000_000)]
    public void The_number_of_a_row_is_in_its_order(ulong ordinal)
    {
        var snapshot = TransactionSnapshot.Parse("18446744073709551600:18446744073709551610:18446744073709551600", isStandby: false);

        Assert.Equal(ordinal, SnapshotOrder.OrdinalOf(SnapshotOrder.Of(ulong.MaxValue, snapshot, ordinal)));
    }
}
