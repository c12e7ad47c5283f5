namespace Penstock.Runtime.Tests.Settlement;

/// <summary>Random interleavings of routing, handing over and settling, compared with a set of open events.</summary>
public sealed class LedgerModelTests
{
    const int Runs = 300;
    const int Steps = 400;

    [Fact]
    public void The_watermark_covers_what_is_settled_and_nothing_else()
    {
        for (var seed = 1; seed <= Runs; seed++)
        {
            var wrong = Play(seed, model => model.Ledger.Settled());
            Assert.True(wrong is null, $"seed {seed}: {wrong}");
        }
    }

    // What a ledger could get wrong, each found by the same play.
    [Fact]
    public void The_highest_frontier_instead_of_the_lowest_is_seen() =>
        Assert.NotNull(FirstWrong(model => model.Routes.Min(route => route.Feeds.Max(feed => Math.Min(feed.OldestOpen - 1, model.Ledger.Read)))));

    [Fact]
    public void Any_sink_instead_of_every_sink_is_seen() =>
        Assert.NotNull(FirstWrong(model => model.Routes.Max(route => Runtime.Settlement.SourceLedger.SettledIn(route, model.Ledger.Read))));

    [Fact]
    public void Settled_on_reading_is_seen() => Assert.NotNull(FirstWrong(model => model.Ledger.Read));

    [Fact]
    public void A_watermark_that_stays_behind_is_seen() => Assert.NotNull(FirstWrong(model => Math.Max(0, model.Ledger.Settled() - 1)));

    static string? FirstWrong(Func<LedgerModel, long> settled) =>
        Enumerable.Range(1, Runs).Select(seed => Play(seed, settled)).FirstOrDefault(wrong => wrong is not null);

    static string? Play(int seed, Func<LedgerModel, long> settled)
    {
        var random = new Random(seed);
        int sinks = random.Next(1, 4), lanes = random.Next(1, 5);
        var model = new LedgerModel(sinks, lanes);
        for (var step = 0; step < Steps; step++)
        {
            switch (random.Next(8))
            {
                case <= 2:
                    model.Route(random);
                    break;
                case 3:
                    model.Emit();
                    break;
                case 4:
                    model.HandOver(random.Next(2) == 0);
                    break;
                case 5 when random.Next(20) == 0:
                    model.SettleAll();
                    break;
                default:
                    model.Settle(random.Next(sinks), random.Next(lanes), random.Next(1, 10));
                    break;
            }

            if (model.WhatIsWrongWith(settled(model)) is { } wrong)
            {
                return $"step {step}: {wrong}";
            }

            model.CheckReached();
        }

        model.SettleAll();
        return model.WhatIsWrongWith(settled(model));
    }
}
