using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Penstock.TestServers;

/// <summary>A certificate authority of its own, and what it issued for a server on loopback and for a client, as PEM files.</summary>
public sealed class TestCertificates
{
    readonly string _directory;

    TestCertificates(string directory) => _directory = directory;

    public string Authority => File("ca.crt");

    public string ServerCertificate => File("server.crt");

    public string ServerKey => File("server.key");

    public string ClientCertificate => File("client.crt");

    public string ClientKey => File("client.key");

    /// <param name="directory">Where the files go.</param>
    /// <param name="issuerAddress">
    /// When given, an intermediate authority that no file holds issues the server's certificate, which names this http address for it.
    /// </param>
    public static TestCertificates Create(string directory, string? issuerAddress = null)
    {
        var files = new TestCertificates(directory);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=penstock-test-authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        System.IO.File.WriteAllText(files.Authority, authority.ExportCertificatePem());
        using var intermediate = issuerAddress is null ? null : Intermediate(authority);
        Issue(intermediate ?? authority, "CN=penstock-test-server", files.ServerCertificate, files.ServerKey, issuerAddress);
        Issue(authority, "CN=penstock-test-client", files.ClientCertificate, files.ClientKey);
        return files;
    }

    static X509Certificate2 Intermediate(X509Certificate2 root)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=penstock-test-intermediate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var certificate = request.Create(root, root.NotBefore, root.NotAfter, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    static void Issue(X509Certificate2 authority, string subject, string certificateFile, string keyFile, string? issuerAddress = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        if (issuerAddress is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerAddress]));
        }

        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        System.IO.File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }

    string File(string name) => Path.Combine(_directory, name);
}
