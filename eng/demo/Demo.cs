using System.Diagnostics;

namespace Penstock.Demo;

/// <summary>Writers, host and judge around one run.</summary>
sealed class Demo : IDisposable
{
    static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    // How long the tail may take after the last commit before what is missing counts as lost.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly DemoOptions _options;
    readonly string _postgres;
    readonly string _directory = Path.GetFullPath(Path.Combine("artifacts", "demo"));
    readonly OrderBook _book;
    readonly DeliveredFile _file;
    readonly HostProcess _host;

    public Demo(DemoOptions options, string postgres, string redis)
    {
        _options = options;
        _postgres = postgres;
        _book = new OrderBook(options.Forever ? long.MaxValue : options.Changes);
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }

        Directory.CreateDirectory(_directory);
        OrderWriter.CreateTableAsync(postgres).GetAwaiter().GetResult();
        var config = Path.Combine(_directory, "penstock.json");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "penstock.json"), config);
        _file = new DeliveredFile(Path.Combine(_directory, "out", "orders.jsonl"), TimeProvider.System);
        _host = HostProcess.Start(
            Path.GetFullPath(Path.Combine("artifacts", "dist", "penstock", "penstock")),
            config,
            Path.Combine(_directory, "host.log"),
            new Dictionary<string, string> { ["DEMO_POSTGRES"] = postgres, ["DEMO_REDIS"] = redis });
    }

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Console.WriteLine($"penstock runs with {Path.Combine(_directory, "penstock.json")}");
        Console.WriteLine("  orders:   PostgreSQL WAL -> Redis stream cdc:public.orders");
        Console.WriteLine("  archive:  Redis stream   -> out/orders.jsonl");
        await WaitForSlotAsync(cancellationToken);

        var clock = Stopwatch.StartNew();
        var writers = Enumerable.Range(1, _options.Writers).Select(seed => new OrderWriter(_postgres, seed, _book).RunAsync(cancellationToken)).ToArray();
        await FollowAsync(Task.WhenAll(writers), clock, cancellationToken);
        var took = clock.Elapsed;

        var exitCode = await _host.StopAsync();
        _file.Poll();
        if (_options.Plant != Plant.None)
        {
            _file.Spoil(_options.Plant);
            Console.WriteLine($"A {_options.Plant.ToString().ToLowerInvariant()} was planted into the delivered file: the judge has to find it.");
        }

        return Print(Verdict.Judge(_book.Changes, _file.ReadAll()), took, exitCode);
    }

    public void Dispose() => _host.Dispose();

    // Changes made before the slot exists are no business of a stream without a snapshot.
    async Task WaitForSlotAsync(CancellationToken cancellationToken)
    {
        await using var connection = new Npgsql.NpgsqlConnection(_postgres);
        await connection.OpenAsync(cancellationToken);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        while (true)
        {
            await using var query = new Npgsql.NpgsqlCommand("SELECT count(*) FROM pg_replication_slots WHERE active", connection);
            if (await query.ExecuteScalarAsync(deadline.Token) is > 0L)
            {
                return;
            }

            if (_host.HasExited)
            {
                throw new InvalidOperationException($"the host ended; see {Path.Combine(_directory, "host.log")}");
            }

            await Task.Delay(PollInterval, deadline.Token);
        }
    }

    async Task FollowAsync(Task writing, Stopwatch clock, CancellationToken cancellationToken)
    {
        var nextLine = ProgressInterval;
        TimeSpan? wroteAll = null;
        while (!(writing.IsCompleted && _file.Deliveries.Count >= _book.Written))
        {
            _file.Poll();
            if (clock.Elapsed >= nextLine)
            {
                Console.WriteLine($"{clock.Elapsed.TotalSeconds,6:0.0} s   written {_book.Written,8}   delivered {_file.Deliveries.Count,8}");
                nextLine += ProgressInterval;
            }

            wroteAll ??= writing.IsCompleted ? clock.Elapsed : null;
            if (_host.HasExited || clock.Elapsed - wroteAll > Patience)
            {
                break;
            }

            await Task.Delay(PollInterval, CancellationToken.None);
        }

        await writing.ConfigureAwait(cancellationToken.IsCancellationRequested ? ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.None);
    }

    int Print(Verdict verdict, TimeSpan took, int exitCode)
    {
        var (p50, p99) = Latency.Of(_file.Deliveries);
        Console.WriteLine();
        Console.WriteLine($"  written                 {verdict.Written,10}");
        Console.WriteLine($"  delivered               {verdict.Delivered,10}");
        Console.WriteLine($"  lost                    {verdict.Lost,10}");
        Console.WriteLine($"  duplicated              {verdict.Duplicated,10}");
        Console.WriteLine($"  out of order            {verdict.OutOfOrder,10}");
        Console.WriteLine($"  never written           {verdict.Unknown,10}");
        Console.WriteLine($"  events/s                {verdict.Delivered / took.TotalSeconds,10:0}");
        Console.WriteLine($"  commit to file, p50     {p50.TotalMilliseconds,10:0.0} ms");
        Console.WriteLine($"  commit to file, p99     {p99.TotalMilliseconds,10:0.0} ms");
        Console.WriteLine();
        if (exitCode != 0)
        {
            Console.WriteLine($"The host ended with exit code {exitCode}; see {Path.Combine(_directory, "host.log")}");
        }

        var good = verdict.IsClean && exitCode == 0 && verdict.Written > 0;
        Console.WriteLine(good ? "Nothing lost, nothing doubled, everything in order." : "FAILED: the delivered file is not what was committed.");
        return good ? 0 : 1;
    }
}
