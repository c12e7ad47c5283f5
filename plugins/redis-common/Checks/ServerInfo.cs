using System.Globalization;

namespace Penstock.Redis;

/// <summary>The reply to INFO: a field a line, as <c>name:value</c>.</summary>
sealed class ServerInfo
{
    readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    public ServerInfo(string text)
    {
        foreach (var line in text.Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                _fields[line[..colon]] = line[(colon + 1)..];
            }
        }
    }

    public Version Version => Version.TryParse(Text("redis_version"), out var version) ? version : new Version(0, 0);

    public long Replicas => Number("connected_slaves");

    public bool HasAppendOnlyFile => Number("aof_enabled") == 1;

    /// <summary>In bytes; 0 is no limit.</summary>
    public long MaxMemory => Number("maxmemory");

    public string EvictionPolicy => Text("maxmemory_policy");

    string Text(string name) => _fields.GetValueOrDefault(name, "");

    long Number(string name) => long.TryParse(Text(name), CultureInfo.InvariantCulture, out var number) ? number : 0;
}
