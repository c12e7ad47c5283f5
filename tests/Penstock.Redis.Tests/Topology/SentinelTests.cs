using System.Diagnostics.Metrics;
using Penstock.TestServers;

namespace Penstock.Redis.Tests.Topology;

/// <summary>The primary is the one that the sentinels name, and no other for longer than they do.</summary>
public sealed class SentinelTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_primary_is_followed_and_each_change_told_once()
    {
        await using var setup = await SentinelServers.StartAsync("server", "sentinel");
        using var meter = new Meter("test");
        using var changes = new CounterReading(meter, "penstock_redis_topology_changes_total");
        var log = new LogLines();
        var servers = new RedisServers(Options(setup, "server", "sentinel"), Context(log, meter));
        await using var first = await servers.ConnectAsync(Stop);
        await using var second = await servers.ConnectSubscriberAsync(Stop);
        Assert.Equal(setup.Servers[0].Endpoint, first.Endpoint);

        await setup.FailOverAsync("sentinel");

        await EndsAsync(first);
        await EndsAsync(second);
        await using var after = await ConnectAgainAsync(servers);
        Assert.Equal(setup.Servers[1].Endpoint, after.Endpoint);
        Assert.Equal("OK", (await after.DoAsync("SET", "k", "v")).AsText());
        var line = Assert.Single(log.Lines).Text;
        Assert.Contains($"the primary is {setup.Servers[1].Endpoint} now, no longer {setup.Servers[0].Endpoint}", line, StringComparison.Ordinal);
        Assert.Equal(1, changes.Sum);
    }

    [Fact]
    public async Task A_primary_that_was_replaced_behind_its_back_is_left()
    {
        await using var setup = await SentinelServers.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(Options(setup));

        // It cannot tell us that it is gone, and neither can TCP.
        setup.Servers[0].Freeze();

        var failure = await EndsAsync(connection);
        Assert.Contains($"names {setup.Servers[1].Endpoint}", failure.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Transient, failure.Kind);
    }

    [Fact]
    public async Task When_its_sentinel_is_gone_another_one_tells()
    {
        await using var setup = await SentinelServers.StartAsync();
        await using var connection = await RedisFixture.ConnectAsync(Options(setup));

        setup.Sentinels[0].Kill();
        setup.Servers[0].Freeze();

        var failure = await EndsAsync(connection);
        Assert.Contains($"names {setup.Servers[1].Endpoint}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_is_not_taken_for_the_primary()
    {
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync(new() { ExtraLines = [$"replicaof 127.0.0.1 {primary.Port}"] });
        await using var sentinel = await StartSentinelAsync(replica);

        var error = await RefusedAsync(new() { Endpoints = [sentinel.Endpoint], Topology = RedisTopology.Sentinel, ServiceName = "main" });

        Assert.Contains($"{replica.Endpoint} is a replica", error.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Transient, error.Kind);
    }

    [Fact]
    public async Task What_is_no_sentinel_and_what_it_does_not_know_is_told()
    {
        await using var server = await RedisServer.StartAsync();
        await using var sentinel = await StartSentinelAsync(server);

        var unknown = await RefusedAsync(new() { Endpoints = [sentinel.Endpoint], Topology = RedisTopology.Sentinel, ServiceName = "other" });
        Assert.Contains("does not know the service \"other\"", unknown.Message, StringComparison.Ordinal);
        var plain = await RefusedAsync(new() { Endpoints = [server.Endpoint], Topology = RedisTopology.Sentinel, ServiceName = "main" });
        Assert.Contains("is no sentinel", plain.Message, StringComparison.Ordinal);
        var standalone = await RefusedAsync(new() { Endpoints = [sentinel.Endpoint] });
        Assert.Contains("is a sentinel. Set connection.topology", standalone.Message, StringComparison.Ordinal);
        Assert.Equal(
            (FailureKind.Transient, FailureKind.Permanent, FailureKind.Permanent), (unknown.Kind, plain.Kind, standalone.Kind));
    }

    [Fact]
    public async Task Sentinels_and_servers_are_trusted_by_their_certificates_and_trust_us_by_ours_and_a_few_rights_are_enough()
    {
        await using var setup = await SentinelServers.StartAsync(
            mutualTls: true,
            extraLines: ["user app on >pw ~* resetchannels -@all +hello +set"],
            sentinelLines: ["user watcher on >spw resetchannels &+switch-master -@all +hello +ping +subscribe +sentinel|get-master-addr-by-name"]);
        var certificates = setup.Certificates!;
        RedisConnectionOptions With(RedisTlsOptions? tls) => new()
        {
            Endpoints = [.. setup.Sentinels.Select(sentinel => sentinel.Endpoint)],
            Topology = RedisTopology.Sentinel,
            ServiceName = SentinelServers.Service,
            User = "app",
            Password = new Secret("pw"),
            SentinelUser = "watcher",
            SentinelPassword = new Secret("spw"),
            ConnectTimeout = TimeSpan.FromSeconds(1),
            Tls = tls,
        };
        var servers = RedisFixture.Servers(With(new()
        {
            CaFile = certificates.Authority,
            CertificateFile = certificates.ClientCertificate,
            KeyFile = certificates.ClientKey,
        }));
        await using var before = await servers.ConnectAsync(Stop);
        Assert.Equal(setup.Servers[0].Endpoint, before.Endpoint);

        await setup.FailOverAsync();

        await EndsAsync(before);
        await using var after = await ConnectAgainAsync(servers);
        Assert.Equal(setup.Servers[1].Endpoint, after.Endpoint);
        Assert.Equal("OK", (await after.DoAsync("SET", "k", "v")).AsText());
        await Assert.ThrowsAnyAsync<RedisConnectionException>(async () => await RedisFixture.ConnectAsync(With(new() { CaFile = certificates.Authority })));
        using var elsewhere = new TempDirectory("tls");
        var stranger = await RefusedAsync(With(new() { CaFile = TestCertificates.Create(elsewhere.Path).Authority }));
        Assert.Equal(FailureKind.Permanent, stranger.Kind);
    }

    [Fact]
    public async Task The_first_sentinel_need_not_be_there()
    {
        await using var setup = await SentinelServers.StartAsync();
        setup.Sentinels[0].Kill();
        await using var connection = await RedisFixture.ConnectAsync(Options(setup));
        Assert.Equal(setup.Servers[0].Endpoint, connection.Endpoint);
    }

    static Task<RedisServer> StartSentinelAsync(RedisServer primary) =>
        RedisServer.StartAsync(new() { IsSentinel = true, ExtraLines = [$"sentinel monitor main 127.0.0.1 {primary.Port} 1"] });

    static RedisConnectionOptions Options(SentinelServers setup, string password = "", string sentinelPassword = "") => new()
    {
        Endpoints = [.. setup.Sentinels.Select(sentinel => sentinel.Endpoint)],
        Topology = RedisTopology.Sentinel,
        ServiceName = SentinelServers.Service,
        Password = new Secret(password),
        SentinelPassword = new Secret(sentinelPassword),
        ConnectTimeout = TimeSpan.FromSeconds(1),
    };

    static SourceContext Context(LogLines log, Meter meter) => new()
    {
        Pipeline = "p",
        Instance = "in",
        LoggerFactory = log,
        TimeProvider = TimeProvider.System,
        Meter = meter,
    };

    // A server that is about to become the primary may still call itself a replica.
    static async Task<RedisConnection> ConnectAgainAsync(RedisServers servers)
    {
        while (true)
        {
            try
            {
                return await servers.ConnectAsync(Stop);
            }
            catch (RedisConnectionException e) when (e.Kind == FailureKind.Transient)
            {
                await Eventually.BackOffAsync();
            }
        }
    }

    static async Task<RedisClientException> EndsAsync(RedisConnection connection) =>
        await Assert.ThrowsAnyAsync<RedisClientException>(
            async () => await connection.Pushes.Completion.WaitAsync(TimeSpan.FromSeconds(20), Stop));

    static async Task<RedisConnectionException> RefusedAsync(RedisConnectionOptions options) =>
        await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisFixture.ConnectAsync(options));
}
