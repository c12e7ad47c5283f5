namespace Penstock.EndToEnd.Tests;

/// <summary>The judge itself must see what it is there to see.</summary>
public sealed class FindingsTests
{
    static readonly Dictionary<int, int> Committed = new() { [1] = 2, [2] = 1 };

    [Fact]
    public void A_whole_delivery_has_no_findings()
    {
        var findings = Findings.Of(Committed, [Entry(1, 1), Entry(2, 1), Entry(1, 2)]);

        Assert.Empty(findings.Lost);
        Assert.Empty(findings.Duplicates);
        Assert.Empty(findings.OutOfOrder);
        Assert.Empty(findings.Unknown);
    }

    [Fact]
    public void A_change_that_nobody_made_is_unknown() =>
        Assert.Equal([Entry(3, 1)], Findings.Of(Committed, [Entry(1, 1), Entry(2, 1), Entry(3, 1), Entry(1, 2)]).Unknown);

    [Fact]
    public void A_missing_change_is_lost() =>
        Assert.Equal([(1, 2)], Findings.Of(Committed, [Entry(1, 1), Entry(2, 1)]).Lost);

    [Fact]
    public void An_event_that_comes_twice_is_a_duplicate() =>
        Assert.Equal([Entry(2, 1)], Findings.Of(Committed, [Entry(1, 1), Entry(2, 1), Entry(2, 1), Entry(1, 2)]).Duplicates);

    [Fact]
    public void A_change_after_a_later_one_of_its_key_is_out_of_order() =>
        Assert.Equal([Entry(1, 1)], Findings.Of(Committed, [Entry(1, 2), Entry(1, 1), Entry(2, 1)]).OutOfOrder);

    static Delivered Entry(int counter, int value) => new($"{counter}-{value}", "", counter, value);
}
