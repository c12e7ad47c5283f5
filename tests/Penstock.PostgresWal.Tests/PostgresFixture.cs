using Penstock.PostgresWal.Tests;
using Penstock.TestServers;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
// Creating a slot waits for every transaction that is open in the server, so tests that hold one open run alone.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Penstock.PostgresWal.Tests;

/// <summary>The server that all tests share which neither stop nor reconfigure it.</summary>
public sealed class PostgresFixture : IDisposable
{
    public PostgresServer Server { get; } = PostgresServer.Start("wal_sender_timeout = 60s", "track_commit_timestamp = on");

    public void Dispose() => Server.Dispose();
}
