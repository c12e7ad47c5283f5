using System.Globalization;
using BenchmarkDotNet.Attributes;
using Penstock.MicroBenchmarks.Samples;
using Penstock.Sources.PostgresWal;

namespace Penstock.MicroBenchmarks.Steps;

/// <summary>
/// pgoutput rows → events and a watermark. The whole session reads prepared bytes from the loopback, so Npgsql's framing and the kernel's copy are
/// in it; what is not: the server. <see cref="Decode"/> is what remains without Npgsql: messages into rows, rows into events.
/// </summary>
public class WalBenchmarks
{
    const int Rows = 5000;
    const int Transactions = 10;

    readonly IReadOnlyList<byte[]> _messages = WalBytes.Messages(Rows, new OrderRows());
    readonly EventAssembler _events = new(default, default);
    readonly MessageDecoder _decoder;
    WalReplay _server = null!;
    ReplicationSession _session = null!;
    EventAssembler _received = null!;

    public WalBenchmarks() => _decoder = new MessageDecoder(Relations(Settings(port: 1)), _events);

    // Not asynchronous: in this toolchain nobody waits for a set-up.
    [GlobalSetup(Target = nameof(Session))]
    public void Connect() => ConnectAsync().GetAwaiter().GetResult();

    [GlobalCleanup(Target = nameof(Session))]
    public void Disconnect()
    {
        _server.Dispose();
        _session.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    async Task ConnectAsync()
    {
        _server = new WalReplay(WalBytes.Transaction(Rows, new OrderRows()));
        var settings = Settings(_server.Port);
        var plan = new SessionPlan
        {
            Slot = "benchmark",
            Publication = "benchmark",
            Resume = default,
            Server = default,
            ConfirmedLsn = 0,
            StatusInterval = TimeSpan.FromSeconds(10),
            ReceiveTimeout = TimeSpan.FromMinutes(1),
            TimeProvider = TimeProvider.System,
        };
        _session = await ReplicationSession.OpenAsync(plan, settings, Relations(settings), CancellationToken.None);
        _received = _session.Events;
    }

    /// <summary>Npgsql and the plugin.</summary>
    [Benchmark(OperationsPerInvoke = Rows * Transactions)]
    public async Task Session()
    {
        for (var i = 0; i < Transactions; i++)
        {
            _server.Send();
            await ReceiveAsync();
        }
    }

    /// <summary>The plugin without Npgsql.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public async Task Decode()
    {
        var taken = 0;
        foreach (var bytes in _messages)
        {
            await _decoder.DecodeAsync(bytes, WalBytes.EndLsn);
            while (_events.TryTake(out var message))
            {
                taken += message is ChangeEvent ? 1 : 0;
            }
        }

        Check(taken);
    }

    async Task ReceiveAsync()
    {
        var taken = 0;
        while (await _session.NextAsync(CancellationToken.None) == SessionStep.Decoded)
        {
            while (_received.TryTake(out var message))
            {
                if (message is Watermark)
                {
                    Check(taken);
                    return;
                }

                taken++;
            }
        }

        throw new InvalidOperationException("The stream ended within a transaction.");
    }

    static void Check(int events)
    {
        if (events != Rows)
        {
            throw new InvalidOperationException($"Expected {Rows} events of a transaction, found {events}.");
        }
    }

    static RelationCache Relations(ConnectionSettings settings) => new([TableName.Parse("public.orders")], new KeyCatalog(settings));

    static ConnectionSettings Settings(int port) => new(new PostgresWalOptions
    {
        ConnectionString = string.Create(
            CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username=penstock;Database=shop;SSL Mode=Disable;GSS Encryption Mode=Disable;Server Compatibility Mode=NoTypeLoading"),
        Slot = "benchmark",
        Publication = "benchmark",
        Tables = ["public.orders"],
    });
}
