namespace Penstock.RedisStreams.Tests.Faults;

public sealed class StandaloneFaultTests(StandaloneVictim victims) : FaultTests(victims), IClassFixture<StandaloneVictim>;
