using Penstock.PostgresWal.Tests;
using Penstock.TestServers;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
// Creating a slot waits for every transaction that is open in the server, so tests that share one run one after another. Those that mostly wait, for servers of their own, run beside them.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly, MaxParallelThreads = 2)]

namespace Penstock.PostgresWal.Tests;

/// <summary>The server that all tests share which neither stop nor reconfigure it.</summary>
public sealed class PostgresFixture : IDisposable
{
    /// <summary>The collection of tests that have servers of their own.</summary>
    public const string Apart = "servers apart";

    /// <summary>The collection of tests that measure the whole process, so that nothing may run beside them.</summary>
    public const string Alone = "alone";

    public PostgresServer Server { get; } = PostgresServer.Start("wal_sender_timeout = 60s", "track_commit_timestamp = on");

    public void Dispose() => Server.Dispose();
}
