using System.Diagnostics;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Measuring;
using Penstock.Benchmarks.Soak.Pipelines;

namespace Penstock.Benchmarks.Soak.Sampling;

/// <summary>Reads the host every second, from /metrics, /health and the kernel, and makes a row of several readings.</summary>
sealed class Sampler(PenstockHost host, IReadOnlyList<SoakPipeline> pipelines, ServerSide servers, Reference reference)
{
    readonly Stopwatch _clock = new();
    readonly List<Metrics> _readings = [];
    readonly Dictionary<string, double> _before = [];
    int _unhealthy;

    public Series? Series { get; private set; }

    public async Task ReadAsync()
    {
        var metrics = new Metrics(await host.MetricsAsync() ?? "");
        _readings.Add(metrics);
        foreach (var pipeline in pipelines)
        {
            pipeline.Follow(metrics);
            pipeline.Tidy();
        }

        var (status, body) = await host.HealthAsync();
        if (status != 200)
        {
            _unhealthy++;
            Console.WriteLine($"  /health answered {status}: {body}");
        }
    }

    /// <summary>Reads what the first row counts from.</summary>
    public Task BeginAsync()
    {
        _clock.Restart();
        return MakeRowAsync();
    }

    /// <summary>Makes a row of what was read since the last one.</summary>
    public async Task<IReadOnlyDictionary<string, double>> SampleAsync()
    {
        var row = await MakeRowAsync();
        Series ??= new Series([.. row.Keys]);
        Series.Add([.. row.Values]);
        return row;
    }

    async Task<Dictionary<string, double>> MakeRowAsync()
    {
        var speed = await reference.MeasureAsync();
        await ReadAsync();
        var row = new Dictionary<string, double> { [Series.Seconds] = _clock.Elapsed.TotalSeconds, ["unhealthy_answers"] = _unhealthy };
        AddPipelines(row, speed.MegabytesPerSecond);
        row["yardstick_mb_per_second"] = speed.MegabytesPerSecond;
        row["yardstick_mb_per_cpu_second"] = speed.MegabytesPerCpuSecond;
        row["yardstick_syncs_per_second"] = speed.SyncsPerSecond;
        AddHost(row);

        // The host's CPU time for an event, as the bytes that could have been hashed in it.
        row["cost_bytes_per_event"] = row["cpu_share"] / pipelines.Sum(pipeline => row[$"{pipeline.Name}_per_second"]) * speed.MegabytesPerCpuSecond * 1e6;
        AddServers(row);
        _readings.Clear();
        _unhealthy = 0;
        return row;
    }

    void AddPipelines(Dictionary<string, double> row, double yardstick)
    {
        foreach (var pipeline in pipelines)
        {
            var name = pipeline.Name;
            var due = pipeline.Gate.Due;
            row[$"{name}_due"] = due;
            row[$"{name}_sent"] = pipeline.Sent;
            row[$"{name}_delivered"] = pipeline.Delivered;
            row[$"{name}_behind"] = due - pipeline.Delivered;
            row[$"{name}_per_second"] = PerSecond($"{name}_delivered", pipeline.Delivered, row[Series.Seconds]);
            row[$"{name}_relative"] = row[$"{name}_per_second"] / yardstick;
            row[$"{name}_lane_depth"] = _readings.Average(reading => reading.Of("penstock_lane_depth", name));
            row[$"{name}_in_flight"] = _readings.Average(reading => reading.Of("penstock_events_in_flight", name));
        }
    }

    // The least heap of several readings is the nearest to what survives a collection.
    void AddHost(Dictionary<string, double> row)
    {
        var last = _readings[^1];
        (row["fds"], row["tcp_connections"]) = OpenFiles.Of(host.Pid);
        row["rss_bytes"] = OpenFiles.ResidentBytes(host.Pid);
        row["threads"] = OpenFiles.Threads(host.Pid);
        row["cpu_share"] = PerSecond("cpu", ProcessFacts.CpuSeconds(host.Pid), row[Series.Seconds]);
        row["heap_bytes"] = _readings.Min(reading => reading.Of("dotnet_gc_heap_bytes"));
        row["allocated_bytes_per_second"] = PerSecond("allocated", last.Of("dotnet_gc_allocated_bytes_total"), row[Series.Seconds]);
        foreach (var generation in (string[])["0", "1", "2"])
        {
            row[$"gc{generation}_collections"] = last.With("dotnet_gc_collections_total", $"generation=\"{generation}\"");
        }

        row["gc_pause_seconds"] = last.Of("dotnet_gc_pause_seconds_total");
        row["pool_threads"] = last.Of("dotnet_threadpool_threads");
        row["pool_queue"] = _readings.Average(reading => reading.Of("dotnet_threadpool_queue_length"));
        row["bytes_in_flight"] = _readings.Average(reading => reading.Of("penstock_bytes_in_flight"));
        row["checkpoint_age_seconds"] = _readings.Max(reading => reading.Most("penstock_checkpoint_age_seconds"));
        row["reconnects"] = last.Of("penstock_source_reconnects_total");
        row["retries"] = last.Of("penstock_retries_total");
        row["loss_windows"] = last.Of("penstock_loss_windows_total");
        row["dead_letters"] = last.Of("penstock_dead_letters_total");
    }

    void AddServers(Dictionary<string, double> row)
    {
        row["redis_clients"] = servers.RedisClients();
        row["redis_bytes"] = servers.RedisBytes();
        if (servers.WalSenders() is { } senders)
        {
            row["walsenders"] = senders;
            row["wal_retained_bytes"] = _readings.Average(reading => reading.Of("penstock_source_retained_bytes"));
            row["slot_bytes"] = servers.SlotBytes() ?? 0;
            row["table_bytes"] = servers.TableBytes() ?? 0;
        }
    }

    double PerSecond(string name, double value, double seconds)
    {
        var (lastValue, lastSeconds) = (_before.GetValueOrDefault(name, value), _before.GetValueOrDefault(name + " at", 0));
        (_before[name], _before[name + " at"]) = (value, seconds);
        return (value - lastValue) / (seconds - lastSeconds);
    }
}
