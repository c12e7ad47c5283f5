namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>The judge of this folder sees a loss, a duplicate, a repetition below the checkpoint, and a disorder.</summary>
[Collection(ChaosGroup.Name)]
public sealed class PlantedMistakesTests(PlantedMistakes planted)
{
    [Fact]
    public void The_judge_sees_what_is_planted_in_a_recorded_run() => planted.Verify();
}
