using Penstock.TestServers;

namespace Penstock.Redis.Tests;

static class RedisFixture
{
    public static RedisConnectionOptions Options(
        RedisServer server, string? user = null, string password = "", RedisTlsOptions? tls = null, string? commandTimeout = null, int database = 0) => new()
        {
            Endpoints = [server.Endpoint],
            User = user,
            Password = new Secret(password),
            Tls = tls,
            Database = database,
            CommandTimeout = Duration.TryParse(commandTimeout, out var timeout) ? timeout : TimeSpan.FromSeconds(5),
        };

    public static ValueTask<RedisConnection> ConnectAsync(RedisServer server) => ConnectAsync(Options(server));

    public static ValueTask<RedisConnection> ConnectAsync(RedisConnectionOptions options) =>
        Servers(options).ConnectAsync(TestContext.Current.CancellationToken);

    public static RedisServers Servers(RedisConnectionOptions options) => new(options, "penstock-test", TimeProvider.System);

    public static ValueTask<RespValue> DoAsync(this RedisConnection connection, params ReadOnlySpan<string> command) =>
        connection.ExecuteAsync(command, TestContext.Current.CancellationToken);
}
