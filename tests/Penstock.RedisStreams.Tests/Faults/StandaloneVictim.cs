using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests.Faults;

public sealed class StandaloneVictim : Victims
{
    RedisServer _server = null!;

    public override RedisConnectionOptions Connection => new() { Endpoints = [_server.Endpoint] };

    public override int Replicas => 0;

    public override IReadOnlyList<RedisServer> Servers => [_server];

    public override async ValueTask InitializeAsync() =>
        _server = await RedisServer.StartAsync(new() { AppendOnly = true, ExtraLines = ["appendfsync always"] });

    public override ValueTask DisposeAsync() => _server.DisposeAsync();

    public override RedisServer PrimaryOf(string key) => _server;

    public override Task DemoteAsync(RedisServer primary) => Send("REPLICAOF", "127.0.0.1", "1");

    public override Task PromoteAgainAsync(RedisServer server) => Send("REPLICAOF", "NO", "ONE");

    public override Task IsReplacedAsync(RedisServer server) => Task.CompletedTask;

    public override Task IsBackAsync(RedisServer server) => Task.CompletedTask;

    Task Send(params string[] command)
    {
        using var redis = new PlainRedis(_server.Port);
        redis.Send(command);
        return Task.CompletedTask;
    }
}
