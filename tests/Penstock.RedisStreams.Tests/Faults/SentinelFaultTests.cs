namespace Penstock.RedisStreams.Tests.Faults;

public sealed class SentinelFaultTests(SentinelVictims victims) : FaultTests(victims), IClassFixture<SentinelVictims>;
