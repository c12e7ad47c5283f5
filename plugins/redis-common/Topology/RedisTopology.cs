namespace Penstock.Redis;

/// <summary>How the servers of a connection belong together.</summary>
public enum RedisTopology
{
    /// <summary>One server; further endpoints are other addresses of it, tried in turn.</summary>
    Standalone = 1,

    /// <summary>The endpoints are sentinels, which know the primary of the service.</summary>
    Sentinel = 2,

    /// <summary>The endpoints are some nodes of a Redis Cluster; they know the others, and who has which keys.</summary>
    Cluster = 3,
}
