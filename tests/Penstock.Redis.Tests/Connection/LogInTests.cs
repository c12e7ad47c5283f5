using Penstock.TestServers;

namespace Penstock.Redis.Tests;

public sealed class LogInTests
{
    const string Canary = "c4nary-s3cret";

    [Fact]
    public async Task The_right_password_is_accepted_and_a_wrong_or_missing_one_is_permanent_and_never_shown()
    {
        await using var server = await RedisServer.StartAsync(new() { Password = Canary });
        await using var connection = await RedisFixture.ConnectAsync(RedisFixture.Options(server, password: Canary));
        Assert.Equal("PONG", (await connection.DoAsync("PING")).AsText());
        await RefusedAsync(RedisFixture.Options(server, password: $"wrong-{Canary}"), "WRONGPASS");
        await RefusedAsync(RedisFixture.Options(server), "NOAUTH");
    }

    [Fact]
    public async Task An_acl_user_logs_in_and_meets_its_limits()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = [$"user app on >{Canary} ~orders* +@stream +ping"] });
        await using var connection = await RedisFixture.ConnectAsync(RedisFixture.Options(server, user: "app", password: Canary));
        Assert.Equal(0, (await connection.DoAsync("XLEN", "orders")).AsInt64());
        var error = await Assert.ThrowsAsync<RedisException>(async () => await connection.DoAsync("GET", "orders"));
        Assert.Equal(("NOPERM", FailureKind.Permanent), (error.Code, error.Kind));
        await RefusedAsync(RedisFixture.Options(server, user: "app", password: "wrong"), "WRONGPASS");
        await RefusedAsync(RedisFixture.Options(server, user: "nobody", password: Canary), "WRONGPASS");
    }

    [Theory]
    [InlineData("default")]
    [InlineData("app")]
    public async Task A_server_that_does_not_know_hello_is_permanent_and_what_it_quotes_is_never_shown(string user)
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = ["rename-command HELLO \"\""] });
        using var plain = new PlainRedis(server.Port);
        var quoted = Assert.Throws<InvalidOperationException>(() => plain.Send("HELLO", "3", "AUTH", user, Canary));
        Assert.Contains(Canary, quoted.Message, StringComparison.Ordinal);

        var error = await Assert.ThrowsAsync<RedisException>(
            async () => await RedisFixture.ConnectAsync(RedisFixture.Options(server, user: user, password: Canary)));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("does not know HELLO 3; Redis 6 or newer is needed", error.Message, StringComparison.Ordinal);
        Assert.Contains(server.Endpoint, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, error.ToPluginException("Connecting").ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ERR max number of clients reached", FailureKind.Transient, "maxclients")]
    [InlineData("ERR something new about 'c4nary-s3cret'", FailureKind.Transient, "ERR")]
    [InlineData("CANARY c4nary-s3cret", FailureKind.Transient, "ERR")]
    [InlineData("WRONGPASS invalid password c4nary-s3cret", FailureKind.Permanent, "WRONGPASS")]
    [InlineData("NOPERM c4nary-s3cret", FailureKind.Permanent, "NOPERM")]
    public void A_refusal_to_log_in_is_told_in_our_own_words(string text, FailureKind kind, string told)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        var error = RedisException.FromLogIn(RespValue.Slice(RespKind.Error, bytes, 0, bytes.Length), "redis:1");
        Assert.Equal(kind, error.Kind);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", error.ToPluginException("Connecting").ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Canary, error.ToPluginException("Connecting").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_the_name_and_the_client_id_are_set()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(RedisFixture.Options(server, database: 5));
        var info = (await connection.DoAsync("CLIENT", "INFO")).AsText();
        Assert.Contains(" db=5 ", info, StringComparison.Ordinal);
        Assert.Contains(" name=penstock-test ", info, StringComparison.Ordinal);
        Assert.StartsWith($"id={connection.ClientId} ", info, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<RedisException>(async () => await RedisFixture.ConnectAsync(RedisFixture.Options(server, database: 99)));
        Assert.Equal(FailureKind.Permanent, error.Kind);
    }

    [Fact]
    public async Task The_first_endpoint_that_can_be_reached_is_used()
    {
        await using var server = await RedisServer.StartAsync();
        var dead = $"127.0.0.1:{FreePort.Next()}";
        await using var connection = await RedisFixture.ConnectAsync(new RedisConnectionOptions { Endpoints = [dead, server.Endpoint] });
        Assert.Equal(server.Endpoint, connection.Endpoint);
        var error = await Assert.ThrowsAsync<RedisConnectionException>(
            async () => await RedisFixture.ConnectAsync(new RedisConnectionOptions { Endpoints = [dead] }));
        Assert.Contains(dead, error.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Transient, error.Kind);
    }

    [Fact]
    public async Task A_frozen_server_is_given_up_after_the_connect_timeout()
    {
        await using var server = await RedisServer.StartAsync();
        server.Freeze();
        var options = new RedisConnectionOptions { Endpoints = [server.Endpoint], ConnectTimeout = TimeSpan.FromMilliseconds(200) };
        var error = await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisFixture.ConnectAsync(options));
        server.Thaw();
        Assert.Contains("within 200ms", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", false)]
    [InlineData(":6379", false)]
    [InlineData("localhost:0", false)]
    [InlineData("localhost:70000", false)]
    [InlineData("redis://localhost:6379", false)]
    [InlineData("::1:6379", false)]
    [InlineData("[::1]:6379", true)]
    [InlineData("redis.example:6379", true)]
    public void Endpoints_are_checked_without_connecting(string endpoint, bool isValid)
    {
        var report = new ConfigReport();
        RedisConnectionValidator.Validate(new RedisConnectionOptions { Endpoints = ["ok:1", endpoint] }, "/connection", report);
        Assert.Equal(isValid ? [] : ["/connection/endpoints/1"], report.Problems.Select(problem => problem.Pointer));
    }

    [Fact]
    public void Half_a_client_certificate_is_reported()
    {
        var report = new ConfigReport();
        var options = new RedisConnectionOptions
        {
            Endpoints = ["ok:1"],
            Tls = new RedisTlsOptions { CertificateFile = "client.crt" },
        };
        RedisConnectionValidator.Validate(options, "/c", report);
        Assert.Equal(["/c/tls"], report.Problems.Select(problem => problem.Pointer));
    }

    static async Task RefusedAsync(RedisConnectionOptions options, string code)
    {
        var error = await Assert.ThrowsAsync<RedisException>(async () => await RedisFixture.ConnectAsync(options));
        Assert.Equal((code, FailureKind.Permanent), (error.Code, error.Kind));
        Assert.DoesNotContain(Canary, error.ToPluginException("Connecting").ToString(), StringComparison.Ordinal);
    }
}
