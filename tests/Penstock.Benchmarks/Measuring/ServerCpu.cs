namespace Penstock.Benchmarks.Measuring;

/// <summary>CPU time of the servers of a row, by name.</summary>
sealed class ServerCpu
{
    readonly List<(string Name, Func<double> Seconds)> _servers = [];

    public ServerCpu AddRedis(int pid)
    {
        _servers.Add(("redis", () => ProcessFacts.CpuSeconds(pid)));
        return this;
    }

    /// <summary>PostgreSQL is its postmaster and one process per session: a walsender among them.</summary>
    public ServerCpu AddPostgres(int postmaster)
    {
        _servers.Add(("postgres", () => ProcessFacts.TreeCpuSeconds(postmaster)));
        return this;
    }

    public Dictionary<string, double> Read() => _servers.ToDictionary(server => server.Name, server => server.Seconds());

    /// <summary>What was used between two readings, in microseconds per event.</summary>
    public static Dictionary<string, double> PerEvent(Dictionary<string, double> from, Dictionary<string, double> to, long events) =>
        to.ToDictionary(server => server.Key, server => (server.Value - from[server.Key]) * 1e6 / events);
}
