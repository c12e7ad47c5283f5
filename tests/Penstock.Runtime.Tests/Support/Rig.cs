using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Settlement;
using Penstock.TestServers;

namespace Penstock.Runtime.Tests.Support;

/// <summary>One pipeline over a scripted source and recording sinks; state and log outlive its runs.</summary>
sealed class Rig : IDisposable
{
    readonly TempDirectory _directory = new("runtime");
    readonly Meter _meter = new(Instruments.MeterName);

    public Rig()
    {
        Options = new RuntimeOptions(_directory.Path) { CheckpointInterval = TimeSpan.FromMilliseconds(5) };
        Services = new RuntimeServices(NullLoggerFactory.Instance, TimeProvider.System, _meter);
        MakeSource = () => new ScriptedSource(Log);
        Sinks = [SinkTo(Store)];
    }

    public RuntimeOptions Options { get; set; }

    public RuntimeServices Services { get; set; }

    public RetainedLog Log { get; } = new();

    public SinkStore Store { get; } = new();

    public List<SinkPlan> Sinks { get; }

    public Func<ScriptedSource> MakeSource { get; set; }

    public InFlightLimits InFlight { get; set; } = new();

    public Meter Meter => _meter;

    public string PipelineDirectory => _directory.Combine("p");

    public SinkPlan Sink
    {
        get => Sinks[0];
        set => Sinks[0] = value;
    }

    public static SinkPlan SinkTo(SinkStore store, string name = "sink") => new(name, context => new RecordingSink(store, context))
    {
        Retry = new RetryDelays { Initial = TimeSpan.FromMilliseconds(1), Max = TimeSpan.FromMilliseconds(4) },
    };

    /// <summary>A sink that stores positions with its data.</summary>
    public static SinkPlan ResumableSinkTo(SinkStore store, string name = "sink") =>
        SinkTo(store, name) with { Create = context => new ResumableSink(store, context), StoresPositions = true };

    public Running Start()
    {
        var source = MakeSource();
        return new Running(new PipelinePlan("p", [new SourcePlan("s", _ => source) { InFlight = InFlight }], Sinks), source, Options, Services);
    }

    public async Task<PipelineResult> RunToEndAsync()
    {
        await using var running = Start();
        return await running.EndAsync();
    }

    /// <summary>The checkpoint on disk, as the next start would find it.</summary>
    public Checkpoint ReadCheckpoint() =>
        Directory.Exists(PipelineDirectory) ? new CheckpointStore(PipelineDirectory, "p", "s", Services with { Faults = Faults.None }).Load() : Checkpoint.None;

    /// <summary>How many lanes each generation of the checkpoint says the first sink has.</summary>
    public IEnumerable<int> LanesOnDisk() =>
        Directory.GetFiles(PipelineDirectory, "s.checkpoint.?").Select(file => CheckpointFormat.Read(File.ReadAllBytes(file), "p", "s").Sinks[0].Layout.Lanes);

    /// <summary>Writes a checkpoint that no host would have written.</summary>
    public void RewriteCheckpoint(Func<Checkpoint, Checkpoint> change)
    {
        var checkpoint = ReadCheckpoint();
        new CheckpointStore(PipelineDirectory, "p", "s", Services with { Faults = Faults.None }).Save(change(checkpoint) with { Generation = checkpoint.Generation + 1 });
    }

    public UInt128 CheckpointedOrder() => ReadCheckpoint().Partitions is [var only] ? only.Position.Order : 0;

    /// <summary>The numbers of the open dead letters of a sink, in the order they were given up.</summary>
    public IEnumerable<ulong> DeadLetters(string sink = "sink") =>
        DeadLetterJournal.In(PipelineDirectory, "p", sink).ReadOpen(damage => Assert.Fail(damage)).Select(letter => Entry.NumberOf(letter.Head.Position));

    public void Dispose()
    {
        _meter.Dispose();
        _directory.Dispose();
    }
}
