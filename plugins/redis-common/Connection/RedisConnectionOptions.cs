using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Redis;

/// <summary>The <c>connection</c> of every Redis plugin.</summary>
public sealed class RedisConnectionOptions
{
    [Description("The servers as host:port, the sentinels, or some nodes of the cluster; they are asked in turn.")]
    [MinLength(1)]
    public required IReadOnlyList<string> Endpoints { get; init; }

    [Description(
        "How the servers belong together: \"standalone\", \"sentinel\" when the endpoints are sentinels, which know the primary, or \"cluster\" when they are nodes of one.")]
    public RedisTopology Topology { get; init; } = RedisTopology.Standalone;

    [Description("What the sentinels call the primary (sentinel monitor NAME …); with topology \"sentinel\" only.")]
    [MinLength(1)]
    public string? ServiceName { get; init; }

    [Description("The sentinels' ACL user; without it, the password is their default user's.")]
    public string? SentinelUser { get; init; }

    [Description("The sentinels' password, which is not the servers'; give it as ${env:NAME} or ${file:/path}.")]
    public Secret SentinelPassword { get; init; }

    [Description("The ACL user; without it, the password is the default user's.")]
    public string? User { get; init; }

    [Description("The password; give it as ${env:NAME} or ${file:/path}.")]
    public Secret Password { get; init; }

    [Description("The number of the logical database; a cluster has the first one only.")]
    [Range(0, int.MaxValue)]
    public int Database { get; init; }

    [Description("What the keys and channels that Penstock itself writes begin with: leases, positions, canaries.")]
    [MinLength(1)]
    public string KeyPrefix { get; init; } = "penstock:";

    [Description("How long one server may take to accept the connection, TLS and log-in included.")]
    [Range(typeof(TimeSpan), "1ms", "1h")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    [Description("How long the server may take to answer a command, beyond the time the command itself waits.")]
    [Range(typeof(TimeSpan), "1ms", "1h")]
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(2);

    [Description("Switches TLS on; {} uses the system's certificate authorities.")]
    public RedisTlsOptions? Tls { get; init; }
}
