using System.ComponentModel;

namespace Penstock.Redis;

/// <summary>TLS 1.2 or newer; the server's certificate and name are always verified.</summary>
public sealed class RedisTlsOptions
{
    [Description("A PEM file with the certificate authorities to trust instead of the system's.")]
    public string? CaFile { get; init; }

    [Description("A PEM file with the client's certificate, followed by its intermediates.")]
    public string? CertificateFile { get; init; }

    [Description("A PEM file with the client's private key.")]
    public string? KeyFile { get; init; }

    [Description("The name to expect in the server's certificate; the default is the host of the endpoint.")]
    public string? ServerName { get; init; }
}
