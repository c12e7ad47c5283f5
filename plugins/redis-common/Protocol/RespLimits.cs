namespace Penstock.Redis;

/// <summary>What a server may send before the parser calls it garbage.</summary>
public sealed class RespLimits
{
    /// <summary>The longest string in bytes. Default 512 MiB, Redis' own limit.</summary>
    public int MaxBulkLength { get; init; } = 512 * 1024 * 1024;

    /// <summary>The most values in one array, map, set or push. Default 1,048,576.</summary>
    public int MaxItems { get; init; } = 1024 * 1024;

    /// <summary>How deep values may nest. Default 32; a stream read needs 4.</summary>
    public int MaxDepth { get; init; } = 32;

    /// <summary>The longest line (header, simple string, error) in bytes. Default 64 KiB.</summary>
    public int MaxLineLength { get; init; } = 64 * 1024;
}
