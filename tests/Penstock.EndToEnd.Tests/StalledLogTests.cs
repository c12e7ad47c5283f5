using System.Net;
using System.Net.Sockets;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests;

/// <summary>Whoever reads the log may stop reading; the changes go on.</summary>
public sealed class StalledLogTests
{
    // Above these, the admin endpoint refuses connections, each with a line in the log.
    const int Connections = 64;

    // More lines than the pipe and the queue before it hold.
    const int Refusals = 4000;

    [Fact]
    public async Task A_log_that_nobody_reads_holds_nobody_up_and_tells_what_it_left_out()
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = new PlainRedis(redis.Port);
        var admin = FreePort.Next();
        using var workspace = new Workspace(Config(redis, admin));
        var log = workspace.Combine("log");
        using var host = HostRun.StartAs("bash", ["-c", $"mkfifo '{log}' && exec '{Distribution.Executable}' run -c '{workspace.ConfigFile}' 2<>'{log}'"]);
        client.Send("XADD", "in", "*", "n", "before");
        await DeliveredAsync(1);

        var open = Enumerable.Range(0, Connections).Select(_ => Connect(admin)).ToList();
        for (var i = 0; i < Refusals; i++)
        {
            BeRefused(admin);
        }

        client.Send("XADD", "in", "*", "n", "after");
        await DeliveredAsync(2);

        // It is told with the next line that has room.
        var reading = Task.Run(() => File.ReadLines(log).First(line => line.Contains("dropped because of queue size limit", StringComparison.Ordinal)));
        await Eventually.HoldsAsync(
            () =>
            {
                BeRefused(admin);
                return reading.IsCompletedSuccessfully;
            },
            "the log tells that lines were left out");
        open.ForEach(connection => connection.Dispose());
        Assert.Equal(0, await host.TerminateAsync());

        Task DeliveredAsync(int events) => Eventually.HoldsAsync(() => client.SendForNumber("XLEN", "out") == events, $"{events} events are delivered");
    }

    static void BeRefused(int port)
    {
        using var refused = Connect(port);
        Assert.Equal(0, refused.Receive(new byte[1]));
    }

    static Socket Connect(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    static string Config(RedisServer redis, int admin) =>
        $$"""
        {
          "admin": { "listen": "http://127.0.0.1:{{admin}}" },
          "pipelines": {
            "p": {
              "sources": { "in": { "type": "redis-streams", "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "streams": ["in"], "group": "g" } } },
              "sinks": { "out": { "type": "redis-streams", "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "stream": "out" } } }
            }
          }
        }
        """;
}
