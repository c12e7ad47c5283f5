using Penstock.Benchmarks.Soak.Judging;
using Penstock.Benchmarks.Soak.Rules;

namespace Penstock.Benchmarks.Tests.Soak;

/// <summary>The judge finds what is lost, twice, out of order or made up, and lets pass what is in order for each key alone.</summary>
public sealed class SequenceJudgeTests
{
    [Theory]
    [InlineData("0 1 2 3 4 5")]
    [InlineData("1 0 3 2 5 4")]
    [InlineData("0 2 4 1 3 5")]
    public void Order_of_each_key_passes(string numbers) => Assert.Empty(Failed(numbers));

    [Theory]
    [InlineData("0 1 3 4 5", "delivered, by the judge's count", "lost")]
    [InlineData("0 1 2 3 5", "delivered, by the judge's count", "lost")]
    [InlineData("0 2 4", "delivered, by the judge's count", "lost")]
    [InlineData("0 1 4 3 2 5", "behind a later one of its key")]
    [InlineData("0 1 2 3 4 5 4", "twice")]
    [InlineData("0 1 2 3 3 4 5", "twice")]
    [InlineData("0 1 2 3 4 5 6", "delivered, by the judge's count", "never sent")]
    public void What_is_wrong_is_named(string numbers, params string[] rules) => Assert.Equal(rules, Failed(numbers));

    [Fact]
    public void What_is_lost_is_listed()
    {
        var judge = Fed("0 4 5");
        Assert.Equal([1, 2, 3], judge.Lost(6));
        Assert.Equal(3, judge.Delivered);
    }

    [Fact]
    public void An_event_without_a_number_is_noticed() => Assert.Throws<MeasurementException>(() => new SequenceJudge(1).Arrive(-1));

    static string[] Failed(string numbers) =>
        [.. SequenceFindings.Of("a", Fed(numbers), total: 6).Where(finding => !finding.Holds).Select(finding => finding.Rule["a: ".Length..])];

    // Even numbers are one key, odd ones the other.
    static SequenceJudge Fed(string numbers)
    {
        var judge = new SequenceJudge(keys: 2);
        foreach (var number in numbers.Split(' '))
        {
            judge.Arrive(long.Parse(number));
        }

        return judge;
    }
}
