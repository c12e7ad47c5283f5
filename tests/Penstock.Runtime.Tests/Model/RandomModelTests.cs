using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Penstock.Runtime.Tests.Model;

/// <summary>Long runs in larger scope: more sinks, lanes, events, crashes amid a save. A failure is shrunk, and its seed is in the output.</summary>
public sealed class RandomModelTests(ITestOutputHelper output)
{
    const int Runs = 1000;
    const int RunsToCatch = 400;

    [Fact]
    public void Whatever_happens_nothing_is_violated()
    {
        var seed = (ulong)Random.Shared.NextInt64();
        output.WriteLine($"seed {seed}");
        var steps = 0L;
        var config = Config.QuickThrowOnFailure.WithMaxTest(Runs).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None)));

        Check.One(config, Prop.ForAll(RandomPlans.Shrinking, plan =>
        {
            var (taken, violation) = RandomRun.Play(plan, Mutant.None);
            steps += taken.Count;
            Assert.True(violation is null, $"{violation?.Message}; after {string.Join(", ", taken)}\n{violation?.StackTrace}");
        }));

        output.WriteLine($"{Runs} runs, {steps:N0} steps");
    }

    [Theory]
    [InlineData(nameof(Mutant.AckOnRead), "I2")]
    [InlineData(nameof(Mutant.Max), "I2")]
    [InlineData(nameof(Mutant.AnySink), "I2")]
    [InlineData(nameof(Mutant.MidTransaction), "I2")]
    [InlineData(nameof(Mutant.LetterLate), "I2")]
    [InlineData(nameof(Mutant.ConfirmFirst), "I1")]
    [InlineData(nameof(Mutant.OnePosition), "I2 I13")]
    [InlineData(nameof(Mutant.NoReplay), "I2 I5 I3")]
    public void A_planted_mistake_is_caught(string mutant, string invariants)
    {
        var plans = RandomPlans.All.Sample(50, new Rnd(1), RunsToCatch);

        var (run, violation) = plans.Index().Select(plan => (plan.Index + 1, RandomRun.Play(plan.Item, Enum.Parse<Mutant>(mutant)).Violation)).FirstOrDefault(result => result.Violation is not null);

        output.WriteLine($"{mutant}: run {run}: {violation?.Message}");
        Assert.Contains(violation?.Invariant ?? "nothing", invariants.Split(' '));
    }
}
