namespace Penstock.TestServers;

/// <summary>How a <see cref="RedisServer"/> is to run.</summary>
public sealed class RedisServerOptions
{
    /// <summary>The default user's password (requirepass). Default none.</summary>
    public string? Password { get; init; }

    /// <summary>Whether the port speaks TLS only. Default false.</summary>
    public bool Tls { get; init; }

    /// <summary>Whether a client must show a certificate; needs <see cref="Tls"/>. Default false.</summary>
    public bool RequireClientCertificate { get; init; }

    /// <summary>The certificates of a TLS server that shares its authority with others. Default its own.</summary>
    public TestCertificates? Certificates { get; init; }

    /// <summary>Whether a TLS server has a port for plain text as well, for tests to look through. Default false, but for nodes of a cluster.</summary>
    public bool HasPlainPort { get; init; }

    /// <summary>Whether it is a node of a cluster, not met with any other yet. With <see cref="Tls"/>, the nodes talk TLS among themselves. Default false.</summary>
    public bool IsClusterNode { get; init; }

    /// <summary>Whether data survives <see cref="RedisServer.RestartAsync"/>. Default false.</summary>
    public bool AppendOnly { get; init; }

    /// <summary>Whether it is a sentinel instead of a server. Default false.</summary>
    public bool IsSentinel { get; init; }

    /// <summary>Further lines of redis.conf, such as <c>user app on >pw ~* +@all</c>. Default none.</summary>
    public IReadOnlyList<string> ExtraLines { get; init; } = [];
}
