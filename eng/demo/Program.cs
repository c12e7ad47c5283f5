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
await using var redis = await RedisServer.StartAsync();
Console.WriteLine($"PostgreSQL on port {postgres.Port}, Redis on port {redis.Port}.");

using var demo = new Demo(options, postgres.ConnectionString, redis.Endpoint);
return await demo.RunAsync(interrupted.Token);
