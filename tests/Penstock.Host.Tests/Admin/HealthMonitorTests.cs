using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Host.Admin.Health;
using Penstock.Host.Running;
using Penstock.Runtime;
using Penstock.TestServers;

namespace Penstock.Host.Tests.Admin;

/// <summary>What the monitor says of a pipeline that runs.</summary>
public sealed class HealthMonitorTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(300);

    readonly TempDirectory _directory = new("health");
    readonly Meter _meter = new("Penstock");
    readonly CancellationTokenSource _stopping = new();
    readonly LogLines _log = new();
    readonly FaultyTime _time = new();
    readonly PipelineService _pipelines;
    readonly HealthMonitor _monitor;
    LoopingSource _source = null!;

    public HealthMonitorTests()
    {
        var services = new RuntimeServices(NullLoggerFactory.Instance, TimeProvider.System, _meter) { Random = new NoPause() };
        _pipelines = new PipelineService(services, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));
        _monitor = new HealthMonitor(_pipelines, [], Limit, _time, _log, _stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _monitor.Dispose();
        await _pipelines.StopAsync(CancellationToken.None);
        _pipelines.Dispose();
        _stopping.Dispose();
        _meter.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_source_that_connects_and_fails_at_once_again_and_again_is_the_cause_since_its_first_failure_and_a_single_reconnect_is_not()
    {
        await StartAsync(failures: 10);

        await Eventually.HoldsAsync(() => Look().Health == HealthState.Degraded, "it is degraded");
        var trouble = Assert.Single(Look().Troubles);
        Assert.Equal((Cause.Source, "s", "closed by the server"), (trouble.Cause, trouble.Source, trouble.Reason));
        var failures = _source.Failures.ToArray();
        Assert.Equal(10, failures.Length);
        Assert.InRange(trouble.Since, failures[0].AddMilliseconds(-5), failures[1]);

        _source.Mended.SetResult();
        await Eventually.HoldsAsync(() => Look() is { Health: HealthState.Healthy, State: "running" }, "it reads");
    }

    [Fact]
    public async Task A_pipeline_that_is_done_is_ready_until_the_host_stops()
    {
        await StartAsync(failures: 0);
        _source.Mended.SetResult();
        await Eventually.HoldsAsync(() => Look() is { State: "running", Awaits: [] }, "it runs");
        _source.Ended.SetResult();
        await Eventually.HoldsAsync(() => Look() is { State: "completed", Awaits: [] }, "it is done");

        await _stopping.CancelAsync();

        Assert.Equal(("completed", "the host is stopping"), (Look().State, Assert.Single(Look().Awaits).Reason));
    }

    [Fact]
    public async Task A_look_that_fails_is_told_and_made_again()
    {
        await StartAsync(failures: 0);
        _source.Mended.SetResult();
        await Eventually.HoldsAsync(() => Look().Sources.Count == 1, "there is something to look at");
        _monitor.Start();

        _time.Fails = true;
        Assert.Throws<TimeZoneNotFoundException>(_monitor.Look);
        _time.Tick();
        _time.Tick();
        Assert.Contains("no clock", Assert.Single(_log.Lines), StringComparison.Ordinal);

        _time.Fails = false;
        _time.Tick();
        Assert.Equal(HealthState.Healthy, Look().Health);
        _time.Fails = true;
        _time.Tick();
        _time.Fails = false;
        Assert.Equal(2, _log.Lines.Count);
    }

    async Task StartAsync(int failures)
    {
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var source = new SourcePlan("s", context =>
        {
            _source = new LoopingSource(context, failures);
            made.SetResult();
            return _source;
        });
        _pipelines.Configure([new PipelinePlan("p", [source], [new SinkPlan("sink", _ => new NoSink())])], new RuntimeOptions(_directory.Path));
        await _pipelines.StartAsync(TestContext.Current.CancellationToken);
        await made.Task;
    }

    PipelineHealth Look() => Assert.Single(_monitor.Look());

    sealed class NoPause : Random
    {
        public override double NextDouble() => 0;
    }

    sealed class NoSink : ISink
    {
        public SinkTraits Traits { get; } = new() { Durability = Durability.None, IsIdempotent = true };

        public ValueTask OpenAsync(CancellationToken cancellationToken) => default;

        public ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync() => default;
    }

    /// <summary>The system's clock, which can be made to fail; its timer fires when a test says so.</summary>
    sealed class FaultyTime : TimeProvider
    {
        TimerCallback? _callback;

        public bool Fails { get; set; }

        public override long GetTimestamp() => Fails ? throw new TimeZoneNotFoundException("no clock") : base.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            return base.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Tick() => _callback!(null);
    }
}
