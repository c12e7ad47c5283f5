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

        if (options.Tls is { } tls && tls.CertificateFile is null != tls.KeyFile is null)
        {
            report.Add($"{pointer}/tls", "certificateFile and keyFile belong together; give both, or none.");
        }
    }
}
