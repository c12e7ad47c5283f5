using FsCheck;
using FsCheck.Fluent;

namespace Penstock.Sdk.Tests;

public sealed class SourcePositionTests
{
    static readonly Gen<UInt128> Orders =
        from high in Gen.OneOf(Gen.Choose(0, 3).Select(i => (ulong)i), ArbMap.Default.ArbFor<ulong>().Generator)
        from low in Gen.OneOf(Gen.Choose(0, 3).Select(i => (ulong)i), ArbMap.Default.ArbFor<ulong>().Generator, Gen.Choose(0, 3).Select(i => (ulong)i << 32))
        select SourcePosition.Compose(high, low);

    [Theory]
    [InlineData("", 0, 0, "00000000/00000000/00000000")]
    [InlineData("", 0x1A2B3C0, 0x3_0000_0000, "00000000/01A2B3C0/00000003")]
    [InlineData("", 0x1A2B3C0, 0x3_0000_0001, "00000000/01A2B3C0/00000003/00000001")]
    [InlineData("s@1", 1, ulong.MaxValue, "s@1@00000000/00000001/FFFFFFFF/FFFFFFFF")]
    public void The_text_is_groups_of_eight_digits_the_last_left_out_when_zero(string partition, ulong high, ulong low, string expected)
    {
        var position = new SourcePosition(partition, SourcePosition.Compose(high, low));
        Assert.Equal(expected, position.ToString());
        Assert.Equal(position, SourcePosition.Parse(expected));
    }

    [Fact]
    public void Every_position_reads_back() =>
        Check.QuickThrowOnFailure(Prop.ForAll(
            (from order in Orders from partition in Gen.Elements("", "a", "@", "a/b@c") select new SourcePosition(partition, order)).ToArbitrary(),
            position => SourcePosition.Parse(position.ToString()) == position));

    [Fact]
    public void Texts_sort_bytewise_as_positions_do() =>
        Check.QuickThrowOnFailure(Prop.ForAll(
            Orders.Two().ToArbitrary(),
            pair => Math.Sign(string.CompareOrdinal(Text(pair.Item1), Text(pair.Item2))) == pair.Item1.CompareTo(pair.Item2)));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("0000000/00000000/00000000")]
    [InlineData("00000000/00000000/0000000G")]
    [InlineData("00000000/00000000/00000000/00000000/00000000")]
    [InlineData("00000000//00000000")]
    [InlineData("00000000/00000000/ 0000000")]
    [InlineData("00000000/00000000/00000000@")]
    public void Another_text_is_refused(string text) =>
        Assert.Contains(text, Assert.Throws<FormatException>(() => SourcePosition.Parse(text)).Message);

    [Fact]
    public void A_default_position_equals_an_empty_one()
    {
        Assert.Equal(new SourcePosition("", 0), default);
        Assert.Equal(new SourcePosition("", 0).GetHashCode(), default(SourcePosition).GetHashCode());
        Assert.Equal("", default(SourcePosition).Partition);
        Assert.True(new SourcePosition("a", 0) != new SourcePosition("b", 0));
        Assert.True(new SourcePosition("a", 0) != new SourcePosition("a", 1));
    }

    static string Text(UInt128 order) => new SourcePosition("p", order).ToString();
}
