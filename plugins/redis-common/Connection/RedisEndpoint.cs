using System.Globalization;

namespace Penstock.Redis;

/// <summary>A server's address: <c>host:port</c>, or <c>[address]:port</c> for IPv6.</summary>
public readonly record struct RedisEndpoint
{
    RedisEndpoint(string host, int port)
    {
        Host = host;
        Port = port;
    }

    public string Host { get; }

    public int Port { get; }

    /// <exception cref="RedisConnectionException">The text is no address.</exception>
    public static RedisEndpoint Parse(string text) => TryParse(text, out var endpoint)
        ? endpoint
        : throw new RedisConnectionException(FailureKind.Permanent, $"Expected an endpoint as host:port, found \"{text}\".", innerException: null);

    public static bool TryParse(string? text, out RedisEndpoint endpoint)
    {
        endpoint = default;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0)
        {
            return false;
        }

        var host = text![..colon];
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        return (isBracketed || !host.Contains(':', StringComparison.Ordinal))
            && TryCreate(isBracketed ? host[1..^1] : host, text[(colon + 1)..], out endpoint);
    }

    /// <summary>From what a server tells: an IPv6 address has no brackets there.</summary>
    public static bool TryCreate(string host, string port, out RedisEndpoint endpoint)
    {
        var isPort = ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;
        endpoint = new RedisEndpoint(host, number);
        return isPort && Uri.CheckHostName(host) != UriHostNameType.Unknown;
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
