using Penstock.Demo;
using Penstock.TestServers;

if (DemoOptions.Parse(args) is not { } options)
{
    return 2;
}

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    interrupted.Cancel();
};

Console.WriteLine("Starting a throwaway PostgreSQL and a throwaway Redis ...");
using var postgres = PostgresServer.Start();
using var redis = RedisServer.Start();
Console.WriteLine($"PostgreSQL on port {postgres.Port}, Redis on port {redis.Port}.");

using var demo = new Demo(options, postgres.ConnectionString, $"127.0.0.1:{redis.Port}");
return await demo.RunAsync(interrupted.Token);
