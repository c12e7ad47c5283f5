using System.Buffers.Text;
using Penstock.Sources.PostgresWal;

namespace Penstock.PostgresWal.Tests.Snapshot;

[Collection(PostgresFixture.Alone)]
public sealed class TableChangesTests
{
    const uint Large = 7;
    static readonly TransactionSnapshot Before = TransactionSnapshot.Parse("7:8:7", isStandby: false);
    static readonly TransactionSnapshot After = TransactionSnapshot.Parse("8:8:", isStandby: false);
    static readonly Relation Table = RelationCache.Create(
        new RelationDescription(1, new TableName("public", "t"), HasFullIdentity: false, [new ColumnDescription("id", 23, -1, true)]), isCaptured: true, [true]);

    [Fact]
    public void A_transaction_of_few_rows_is_remembered_by_its_keys()
    {
        var changes = new TableChanges();
        Note(changes, Large, rows: 1000);

        Assert.False(changes.IsBeyond(Before));
        Assert.True(changes.IsNewer(Before, Key(999), out _));
        Assert.False(changes.IsNewer(Before, Key(1000), out _));
        Assert.False(changes.IsNewer(After, Key(999), out _));
    }

    [Fact]
    public void Rows_that_do_not_see_a_transaction_of_more_rows_than_are_remembered_are_not_to_be_given_out()
    {
        var changes = new TableChanges();
        Note(changes, Large, rows: 300_000);

        Assert.True(changes.IsBeyond(Before));
        Assert.False(changes.IsBeyond(After));

        // Those after it are remembered by their keys again, until they are seen, too.
        Note(changes, xid: 9, rows: 1);
        Assert.True(changes.IsNewer(After, Key(0), out _));
        changes.Forget(After);
        Assert.False(changes.IsBeyond(Before));
        Assert.True(changes.IsNewer(After, Key(0), out _));
    }

    [Fact]
    public void What_a_large_transaction_takes_to_remember_is_bounded()
    {
        var changes = new TableChanges();
        Note(changes, Large, rows: 50_000);
        var few = GC.GetTotalMemory(forceFullCollection: true);
        Note(changes, Large, rows: 2_000_000);

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - few, long.MinValue, 10_000_000);
        GC.KeepAlive(changes);
    }

    [Fact]
    public void No_row_that_does_not_see_a_truncate_is_to_be_given_out()
    {
        var changes = new TableChanges();
        Note(changes, xid: 6, rows: 10);
        changes.Note(new Change(ChangeKind.Truncate, Table, 1, null, null), Large);

        Assert.True(changes.IsTruncatedAfter(Before));
        Assert.False(changes.IsTruncatedAfter(After));
        changes.Forget(After);
        Assert.False(changes.IsTruncatedAfter(Before));
    }

    static void Note(TableChanges changes, uint xid, int rows)
    {
        var builder = new RowBuilder();
        for (var i = 0; i < rows; i++)
        {
            builder.Begin(Table.Schema);
            builder.Append(Key(i).Span);
            changes.Note(new Change(ChangeKind.Insert, Table, (uint)i + 1, null, builder.Build()), xid);
        }
    }

    static ReadOnlyMemory<byte> Key(int id)
    {
        var text = new byte[10];
        Utf8Formatter.TryFormat(id, text, out var length);
        return text.AsMemory(0, length);
    }
}
