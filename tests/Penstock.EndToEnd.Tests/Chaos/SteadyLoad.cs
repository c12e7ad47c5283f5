using System.Globalization;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>Raises three counters per transaction, at a steady rate, until it is stopped. The database knows what was committed.</summary>
sealed class SteadyLoad(PostgresServer postgres, CountersTable table, TempDirectory directory) : IDisposable
{
    const int TransactionsPerSecond = 300;

    HostRun? _pgbench;

    /// <summary>Starts it, or starts it again when its server went away.</summary>
    public void Start()
    {
        _pgbench?.Dispose();
        var script = directory.Combine("steady.sql");
        File.WriteAllText(script, $"\\set id random(1, {CountersTable.Counters - 2})\nUPDATE counters SET n = n + 1 WHERE id BETWEEN :id AND :id + 2;\n");
        var port = postgres.Port.ToString(CultureInfo.InvariantCulture);
        _pgbench = HostRun.StartAs(
            "/usr/bin/env",
            ["PGPASSWORD=secret", Path.Combine(postgres.BinDirectory, "pgbench"), "-n", "-h", "127.0.0.1", "-p", port, "-U", "postgres",
                "-c", "4", "-T", "86400", "-R", $"{TransactionsPerSecond}", "--max-tries=1000", "-f", script, "postgres"]);
    }

    /// <summary>Ends it, and waits until the server has finished what it had begun.</summary>
    public Task StopAsync()
    {
        Dispose();
        return Eventually.HoldsAsync(
            () => table.Number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench'") == 0, "pgbench is gone");
    }

    public void Dispose()
    {
        _pgbench?.Dispose();
        _pgbench = null;
    }
}
