namespace Penstock.Redis;

/// <summary>Checks of <see cref="RedisConnectionOptions"/> that a schema cannot express; connects to nothing.</summary>
public static class RedisConnectionValidator
{
    /// <param name="options">The options to check.</param>
    /// <param name="pointer">Where they stand in the plugin's config, such as <c>/connection</c>.</param>
    /// <param name="report">Takes the problems.</param>
    public static void Validate(RedisConnectionOptions options, string pointer, ConfigReport report)
    {
        for (var i = 0; i < options.Endpoints.Count; i++)
        {
            if (!RedisEndpoint.TryParse(options.Endpoints[i], out _))
            {
                report.Add(
                    $"{pointer}/endpoints/{i}", $"Expected host:port, such as \"redis.example:6379\", found \"{options.Endpoints[i]}\".");
            }
        }

        ValidateSentinel(options, pointer, report);
        if (options is { Topology: RedisTopology.Cluster, Database: not 0 })
        {
            report.Add($"{pointer}/database", $"A cluster has the database 0 only, found {options.Database}; leave it out.");
        }

        if (options.Tls is { } tls && tls.CertificateFile is null != tls.KeyFile is null)
        {
            report.Add($"{pointer}/tls", "certificateFile and keyFile belong together; give both, or none.");
        }
    }

    static void ValidateSentinel(RedisConnectionOptions options, string pointer, ConfigReport report)
    {
        if (options.Topology == RedisTopology.Sentinel)
        {
            if (options.ServiceName is null)
            {
                report.Add(
                    $"{pointer}/topology", "Topology \"sentinel\" needs serviceName: what the sentinels call the primary (sentinel monitor NAME …).");
            }

            return;
        }

        foreach (var (name, isGiven) in (ReadOnlySpan<(string, bool)>)[
            ("serviceName", options.ServiceName is not null),
            ("sentinelUser", options.SentinelUser is not null),
            ("sentinelPassword", !options.SentinelPassword.IsEmpty)])
        {
            if (isGiven)
            {
                report.Add($"{pointer}/{name}", $"{name} is for topology \"sentinel\" only; set topology, or leave it out.");
            }
        }
    }
}
