using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Penstock.Redis;

/// <summary>Wraps a connected stream in TLS.</summary>
static class TlsHandshake
{
    public static async ValueTask<Stream> RunAsync(
        Stream inner, RedisEndpoint endpoint, RedisTlsOptions options, CancellationToken cancellationToken)
    {
        var reason = SslPolicyErrors.None;
        var authentication = new SslClientAuthenticationOptions
        {
            TargetHost = options.ServerName ?? endpoint.Host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = TrustOf(options),
            ClientCertificateContext = ClientCertificateOf(options),
            RemoteCertificateValidationCallback = (_, _, _, errors) => (reason = errors) == SslPolicyErrors.None,
        };
        var stream = new SslStream(inner);
        try
        {
            await stream.AuthenticateAsClientAsync(authentication, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (AuthenticationException e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new RedisConnectionException(FailureKind.Permanent, Explain(endpoint, authentication.TargetHost, reason, e), e);
        }
    }

    static string Explain(RedisEndpoint endpoint, string name, SslPolicyErrors reason, AuthenticationException e)
    {
        if (reason.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"The certificate of {endpoint} is not for \"{name}\". Set tls.serverName to the name it has.";
        }

        return reason.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)
            ? $"The certificate of {endpoint} is not trusted. Set tls.caFile to the authority that issued it, and check its dates."
            : $"TLS with {endpoint} failed: {e.Message} Is the port a TLS port?";
    }

    // The platform would look for a missing intermediate certificate on the web, and block its thread for up to 15 s.
    static X509ChainPolicy TrustOf(RedisTlsOptions options)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (options.CaFile is null)
        {
            return policy;
        }

        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        Load("tls.caFile", options.CaFile, () => policy.CustomTrustStore.ImportFromPemFile(options.CaFile));
        return policy;
    }

    static SslStreamCertificateContext? ClientCertificateOf(RedisTlsOptions options)
    {
        if (options.CertificateFile is null)
        {
            return null;
        }

        var chain = new X509Certificate2Collection();
        X509Certificate2? certificate = null;
        Load("tls.certificateFile", options.CertificateFile, () =>
        {
            certificate = X509Certificate2.CreateFromPemFile(options.CertificateFile, options.KeyFile);
            chain.ImportFromPemFile(options.CertificateFile);
        });
        return SslStreamCertificateContext.Create(certificate!, chain, offline: true);
    }

    static void Load(string option, string path, Action load)
    {
        try
        {
            load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new RedisConnectionException(FailureKind.Permanent, $"Cannot use {option} \"{path}\": {e.Message}", e);
        }
    }
}
