using System.ComponentModel;

namespace Penstock.Host.Tests.Configuration;

sealed class StreamTls
{
    [Description("The certificate authority.")]
    public string? CaFile { get; init; }

    [Description("The passphrase of the key.")]
    public Secret Passphrase { get; init; }
}
