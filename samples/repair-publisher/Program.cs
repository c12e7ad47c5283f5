// Usage: RepairPublisher ORDER STATUS [--pause-after-commit]
// The pause is for trying out the crash: end the process while it lasts.
if (args is not [var order, var status, ..])
{
    Console.Error.WriteLine("Expected: RepairPublisher ORDER STATUS [--pause-after-commit]");
    return 1;
}

var publisher = new OrderPublisher(
    Environment.GetEnvironmentVariable("ORDERS_POSTGRES") ?? "Host=127.0.0.1;Username=postgres;Database=postgres",
    Environment.GetEnvironmentVariable("ORDERS_REDIS") ?? "127.0.0.1:6379");
await publisher.SetStatusAsync(long.Parse(order), status, async () =>
{
    Console.WriteLine("committed");
    if (args.Contains("--pause-after-commit"))
    {
        await Task.Delay(TimeSpan.FromHours(1));
    }
});
Console.WriteLine("published");
return 0;
