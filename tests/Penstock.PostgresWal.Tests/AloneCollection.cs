namespace Penstock.PostgresWal.Tests;

[CollectionDefinition(PostgresFixture.Alone, DisableParallelization = true)]
public sealed class AloneCollection;
