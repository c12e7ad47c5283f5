using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Penstock.TestServers;

namespace Penstock.Redis.Tests;

public sealed class TlsTests
{
    [Fact]
    public async Task A_certificate_of_the_given_authority_is_accepted()
    {
        await using var server = await RedisServer.StartAsync(new() { Tls = true });
        await using var connection = await RedisFixture.ConnectAsync(
            RedisFixture.Options(server, tls: new RedisTlsOptions { CaFile = server.Certificates!.Authority }));
        Assert.Equal("PONG", (await connection.DoAsync("PING")).AsText());
    }

    [Fact]
    public async Task An_unknown_authority_is_refused()
    {
        await using var server = await RedisServer.StartAsync(new() { Tls = true });
        using var elsewhere = new TempDirectory("tls");
        var stranger = TestCertificates.Create(elsewhere.Path);
        await RefusedAsync(server, new RedisTlsOptions { CaFile = stranger.Authority }, "is not trusted");
        await RefusedAsync(server, new RedisTlsOptions(), "is not trusted");
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        await using var server = await RedisServer.StartAsync(new() { Tls = true });
        var tls = new RedisTlsOptions { CaFile = server.Certificates!.Authority, ServerName = "redis.example" };
        await RefusedAsync(server, tls, "is not for \"redis.example\"");
        await using var connection = await RedisFixture.ConnectAsync(
            RedisFixture.Options(server, tls: new RedisTlsOptions { CaFile = tls.CaFile, ServerName = "localhost" }));
        Assert.True(connection.IsOpen);
    }

    [Fact]
    public async Task A_client_certificate_is_shown_when_the_server_asks_for_it()
    {
        await using var server = await RedisServer.StartAsync(new() { Tls = true, RequireClientCertificate = true });
        var certificates = server.Certificates!;
        await using var connection = await RedisFixture.ConnectAsync(RedisFixture.Options(server, tls: new RedisTlsOptions
        {
            CaFile = certificates.Authority,
            CertificateFile = certificates.ClientCertificate,
            KeyFile = certificates.ClientKey,
        }));
        Assert.Equal("PONG", (await connection.DoAsync("PING")).AsText());
        await Assert.ThrowsAnyAsync<RedisConnectionException>(async () => await RedisFixture.ConnectAsync(
            RedisFixture.Options(server, tls: new RedisTlsOptions { CaFile = certificates.Authority })));
    }

    [Fact]
    public async Task A_missing_intermediate_is_not_looked_for_on_the_web()
    {
        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        using var directory = new TempDirectory("tls");
        var certificates = TestCertificates.Create(directory.Path, $"http://{web.LocalEndpoint}/intermediate.crt");
        await using var server = await RedisServer.StartAsync(
            new() { Tls = true, ExtraLines = [$"tls-cert-file {certificates.ServerCertificate}", $"tls-key-file {certificates.ServerKey}"] });

        await RefusedAsync(server, new RedisTlsOptions { CaFile = certificates.Authority }, "is not trusted");

        Assert.False(web.Pending());
        // The platform on its own does look there.
        var visit = AnswerAsync(web);
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(certificates.ServerCertificate);
        using var chain = new X509Chain { ChainPolicy = { RevocationMode = X509RevocationMode.NoCheck } };
        Assert.False(chain.Build(certificate));
        Assert.True(visit.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        await using var server = await RedisServer.StartAsync(new() { Tls = true });
        await RefusedAsync(server, new RedisTlsOptions { CaFile = "/nowhere/ca.crt" }, "tls.caFile \"/nowhere/ca.crt\"");
    }

    [Fact]
    public async Task A_port_without_tls_is_not_mistaken_for_one()
    {
        await using var plain = await RedisServer.StartAsync();
        await Assert.ThrowsAnyAsync<RedisConnectionException>(async () => await RedisFixture.ConnectAsync(RedisFixture.Options(plain, tls: new())));
        await using var tls = await RedisServer.StartAsync(new() { Tls = true });
        await Assert.ThrowsAnyAsync<RedisConnectionException>(async () => await RedisFixture.ConnectAsync(tls));
    }

    static async Task AnswerAsync(TcpListener web)
    {
        using var visitor = await web.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await visitor.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
    }

    static async Task RefusedAsync(RedisServer server, RedisTlsOptions tls, string message)
    {
        var error = await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisFixture.ConnectAsync(RedisFixture.Options(server, tls: tls)));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
