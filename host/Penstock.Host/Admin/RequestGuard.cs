using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Penstock.Host.Admin;

/// <summary>
/// With a token, only who brings it may ask. Without one the server listens on this machine alone, and what remains is a web page in a browser
/// here whose name was made to resolve to the loopback address: such a request names a host that is no address.
/// </summary>
sealed class RequestGuard(Secret token)
{
    const string Scheme = "Bearer ";

    readonly byte[]? _token = token.IsEmpty ? null : Digest(token.Reveal());

    /// <summary>Whether the request must not be answered; then the status says why.</summary>
    public bool Refuses(HttpContext context)
    {
        if (_token is not null ? HasToken(context.Request) : NamesAddress(context.Request.Host))
        {
            return false;
        }

        if (_token is null)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return true;
    }

    // Digests have one length, so the time tells nothing about the token's.
    bool HasToken(HttpRequest request) =>
        request.Headers.Authorization is [{ } header]
        && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Digest(header[Scheme.Length..].Trim()), _token);

    static bool NamesAddress(HostString host) => host.Host == "localhost" || IPAddress.TryParse(host.Host, out _);

    static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
