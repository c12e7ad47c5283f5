namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>One scenario after another, and none before the judge has shown that it sees.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosGroup : ICollectionFixture<PlantedMistakes>
{
    public const string Name = "chaos";
}
