using System.Globalization;
using BenchmarkDotNet.Attributes;
using Penstock.MicroBenchmarks.Samples;
using Penstock.Sources.PostgresWal;

namespace Penstock.MicroBenchmarks.Steps;

/// <summary>
/// pgoutput rows → events and a watermark. The whole session reads prepared bytes from the loopback, so Npgsql's reading and the kernel's copy are
/// in it; what is not: the server. <see cref="Assemble"/> is what remains without Npgsql: values into rows, rows into events.
/// </summary>
public class WalBenchmarks
{
    const int Rows = 5000;
    const int Transactions = 10;

    readonly byte[][][] _values = Take(Rows);
    readonly RowBuilder _builder = new();
    readonly EventAssembler _events = new(default);
    readonly Relation _relation = new("public.orders", isCaptured: true, OrderRows.Schema, [.. OrderRows.Columns.Select(column => column.Name == "id")]);
    WalReplay _server = null!;
    ReplicationSession _session = null!;
    EventAssembler _received = null!;

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
        var settings = new ConnectionSettings(new PostgresWalOptions
        {
            ConnectionString = string.Create(
                CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_server.Port};Username=penstock;Database=shop;SSL Mode=Disable;GSS Encryption Mode=Disable;Server Compatibility Mode=NoTypeLoading"),
            Slot = "benchmark",
            Publication = "benchmark",
            Tables = ["public.orders"],
        });
        var plan = new SessionPlan
        {
            Slot = "benchmark",
            Publication = "benchmark",
            Resume = default,
            ConfirmedLsn = 0,
            StatusInterval = TimeSpan.FromSeconds(10),
            ReceiveTimeout = TimeSpan.FromMinutes(1),
            TimeProvider = TimeProvider.System,
        };
        _received = new EventAssembler(default);
        _session = await ReplicationSession.OpenAsync(
            plan, settings.Replication, new RelationCache([TableName.Parse("public.orders")], new KeyCatalog(settings)), _received, CancellationToken.None);
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
    public void Assemble()
    {
        var taken = 0;
        _events.Begin(WalBytes.CommitLsn, WalBytes.Xid, DateTime.UnixEpoch);
        foreach (var values in _values)
        {
            var ordinal = _events.Count();
            _builder.Begin(_relation.Schema);
            foreach (var value in values)
            {
                _builder.Append(value);
            }

            _events.Add(new Change(ChangeKind.Insert, _relation, ordinal, null, _builder.Build()));
            taken += _events.TryTake(out _) ? 1 : 0;
        }

        _events.Commit(WalBytes.EndLsn);
        while (_events.TryTake(out var message))
        {
            taken += message is ChangeEvent ? 1 : 0;
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

    static byte[][][] Take(int count)
    {
        var rows = new OrderRows();
        return [.. Enumerable.Range(0, count).Select(_ => rows.Next())];
    }
}
