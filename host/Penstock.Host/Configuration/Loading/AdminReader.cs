using System.Net;
using System.Text.Json;

namespace Penstock.Host.Configuration;

/// <summary>Checks the <c>admin</c> section beyond its schema and makes of it what the host uses.</summary>
static class AdminReader
{
    /// <summary>Reports an address that cannot be listened on, and one that others can reach without a token.</summary>
    public static void Check(ConfigNode root, ProblemScope problems)
    {
        if (root.Find("admin") is not { } admin || admin.Find("listen") is not { Kind: JsonValueKind.String } listen || problems.IsMarked(listen))
        {
            return;
        }

        if (EndPointOf(listen.Text) is not { } endPoint)
        {
            problems.At(
                listen,
                $"expected an address such as \"http://127.0.0.1:9464\", found {Shown.Value(listen)}; it has http, an IP address or localhost, a port, and no path. "
                + "TLS and host names are the business of a proxy in front");
        }
        else if (!IPAddress.IsLoopback(endPoint.Address) && admin.Find("token") is null or { Kind: JsonValueKind.String, Text: "" })
        {
            problems.At(
                listen,
                $"{Shown.Value(listen)} can be reached from other machines, and \"admin.token\" is not set; add \"token\": \"${{env:NAME}}\", or listen on 127.0.0.1");
        }
    }

    public static AdminConfig? Create(AdminSection? admin) => admin is null ? null : new AdminConfig(EndPointOf(admin.Listen)!, admin.Token, admin.StalledAfter);

    static IPEndPoint? EndPointOf(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri is not { UserInfo: "", PathAndQuery: "/", Fragment: "" })
        {
            return null;
        }

        var address = uri.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(uri.Host, out var parsed) ? parsed : null;
        return address is null ? null : new IPEndPoint(address, uri.Port);
    }
}
