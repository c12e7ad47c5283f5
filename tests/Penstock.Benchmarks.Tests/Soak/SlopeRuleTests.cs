using Penstock.Benchmarks.Soak.Rules;

namespace Penstock.Benchmarks.Tests.Soak;

/// <summary>A leak is found, noise is not taken for one.</summary>
public sealed class SlopeRuleTests
{
    static readonly SlopeRule Memory = new("rss_bytes", 8e6, 0.05);

    [Fact]
    public void A_flat_series_passes() => Assert.True(Judge(_ => 150e6).Holds);

    [Fact]
    public void Noise_passes() => Assert.True(Judge(i => 150e6 + (20e6 * Samples.Noise(i))).Holds);

    [Fact]
    public void A_leak_fails() => Assert.False(Judge(i => 150e6 + (0.2e6 * i)).Holds);

    [Fact]
    public void A_leak_under_noise_fails() => Assert.False(Judge(i => 150e6 + (0.3e6 * i) + (10e6 * Samples.Noise(i))).Holds);

    [Fact]
    public void A_leak_in_a_saw_tooth_fails() => Assert.False(Judge(i => 100e6 + (0.3e6 * i) + (5e6 * (i % 7))).Holds);

    [Fact]
    public void A_saw_tooth_passes() => Assert.True(Judge(i => 100e6 + (5e6 * (i % 7))).Holds);

    [Fact]
    public void What_rises_only_while_it_warms_up_passes() => Assert.True(Judge(i => 150e6 + (1e6 * Math.Min(i, Samples.Count / 2))).Holds);

    [Fact]
    public void A_rise_within_what_is_allowed_passes() => Assert.True(Judge(i => 150e6 + (0.1e6 * i)).Holds);

    [Fact]
    public void One_wild_sample_does_not_fail() => Assert.True(Judge(i => i == Samples.Count - 2 ? 2e9 : 150e6).Holds);

    [Fact]
    public void What_is_allowed_grows_with_the_size() => Assert.True(Judge(i => 1500e6 + (0.2e6 * i)).Holds);

    [Fact]
    public void A_fall_passes() => Assert.True(Judge(i => 150e6 - (0.5e6 * i)).Holds);

    [Fact]
    public void One_descriptor_every_two_minutes_fails() => Assert.False(new SlopeRule("fds", 2).Judge(Samples.Of("fds", i => 40 + (i / 12))).Holds);

    [Fact]
    public void The_finding_says_how_much() => Assert.Equal("59 MB", (Memory with { Unit = (1e6, "MB") }).Judge(Samples.Of("rss_bytes", i => 1e6 * i)).Found);

    [Fact]
    public void The_slope_of_a_line_is_exact()
    {
        var trend = Trend.Of([0, 10, 20, 30, 40, 50], [1, 3, 5, 7, 9, 11]);
        Assert.Equal(0.2, trend.Slope, 12);
        Assert.Equal(0.2, trend.Least, 12);
    }

    static Finding Judge(Func<int, double> value) => Memory.Judge(Samples.Of("rss_bytes", value));
}
