namespace Penstock.Runtime.Tests.Model;

/// <summary>Every order of steps in small scope, by the production code; and every mistake that is planted around it.</summary>
public sealed class ExhaustiveModelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(nameof(Scopes.FiveEvents))]
    [InlineData(nameof(Scopes.TwoLanesEach))]
    [InlineData(nameof(Scopes.TwoCrashes))]
    [InlineData(nameof(Scopes.Poison))]
    [InlineData(nameof(Scopes.OtherLanes))]
    [InlineData(nameof(Scopes.Stops))]
    public void In_no_order_of_steps_is_an_invariant_violated(string scope)
    {
        var result = new Explorer(Scopes.Named(scope)).Run();

        output.WriteLine($"{scope}: {result}");
        Assert.True(result.Violation is null, result.Violation);
        Assert.NotEqual(0, result.Complete);
    }

    [Theory]
    [InlineData(nameof(Mutant.AckOnRead), nameof(Scopes.Planted), "I2")]
    [InlineData(nameof(Mutant.Max), nameof(Scopes.Planted), "I2")]
    [InlineData(nameof(Mutant.AnySink), nameof(Scopes.Planted), "I2")]
    [InlineData(nameof(Mutant.MidTransaction), nameof(Scopes.Planted), "I2")]
    [InlineData(nameof(Mutant.LetterLate), nameof(Scopes.PlantedLetters), "I3")]
    [InlineData(nameof(Mutant.ConfirmFirst), nameof(Scopes.Planted), "I1")]
    [InlineData(nameof(Mutant.OnePosition), nameof(Scopes.Planted), "I3")]
    [InlineData(nameof(Mutant.NoReplay), nameof(Scopes.OtherLanes), "I5")]
    public void A_planted_mistake_is_caught(string mutant, string scope, string invariant)
    {
        var result = new Explorer(Scopes.Named(scope), Enum.Parse<Mutant>(mutant)).Run();

        output.WriteLine($"{mutant}: {result}; {result.Violation}");
        Assert.Equal(invariant, result.Wrong?.Violation?.Invariant);
    }
}
