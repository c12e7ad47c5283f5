using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Host.Tests.Plugins;
using Penstock.Runtime;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;
using Penstock.TestServers;

namespace Penstock.Host.Tests.Commands;

/// <summary>A config with a sink that refuses what a file says, its state directory, and what a host may have left there.</summary>
sealed class VerbFixture : IDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    readonly TempDirectory _directory = new("verbs");
    readonly PluginDirectory _plugins = new();
    readonly Meter _meter = new("test");

    public VerbFixture(int lanes = 1)
    {
        _plugins.Add("GoodSource");
        _plugins.Add("PickySink");
        Directory.CreateDirectory(Combine("state", "orders"));
        File.WriteAllText(ConfigFile, $$"""
            {
              "plugins": { "directories": ["{{_plugins.Root}}"] },
              "pipelines": {
                "orders": {
                  "sources": { "db": { "type": "fixture", "config": {} } },
                  "sinks": { "picky": { "type": "picky", "lanes": {{lanes}}, "onPoison": "deadLetter", "config": { "folder": "{{_directory.Path}}" } } }
                }
              }
            }
            """);
    }

    public string ConfigFile => Combine("penstock.json");

    public string State => Combine("state");

    public string Journal => Combine("state", "orders", "picky.dead-letters.jsonl");

    /// <summary>What the sink has: lane/lanes and the event.</summary>
    public string[] Delivered => File.Exists(Combine("out")) ? File.ReadAllLines(Combine("out")) : [];

    RuntimeServices Services => new(NullLoggerFactory.Instance, TimeProvider.System, _meter);

    public static string Id(ulong number) => Change(number, "").Id;

    public string Combine(params string[] parts) => Path.Combine([_directory.Path, .. parts]);

    public Task<VerbRun> RunAsync(params string[] arguments) => VerbRun.OfAsync([.. arguments, "-c", ConfigFile]);

    /// <summary>Makes the sink refuse these keys, and no others.</summary>
    public void Refuse(params string[] keys) => File.WriteAllLines(Combine("refuse"), keys);

    /// <summary>Makes the sink fail at these keys as if its server were away.</summary>
    public void Fail(params string[] keys) => File.WriteAllLines(Combine("fail"), keys);

    public void Keep(ulong number, string key, string sink = "picky") => DeadLetterStore.Open(Combine("state", "orders"), "orders", sink, Services)
        .Keep([DeadLetter.Refused(Change(number, key), 0, PluginException.Poison(0, "no\u001b[2J"), 1, Noon, Noon)]);

    public void Checkpoint(params SourcePosition[] positions)
    {
        var sinks = new SinkCursor("picky", new LaneLayout(1, Ordering.Key), positions);
        Store().Save(new Checkpoint(7, [.. positions.Select(position => new Watermark(position) { State = new byte[] { 1 } })]) { Sinks = [sinks] });
    }

    public Checkpoint ReadCheckpoint() => Store().Load();

    public void Dispose()
    {
        _meter.Dispose();
        _plugins.Dispose();
        _directory.Dispose();
    }

    CheckpointStore Store() => new(Combine("state", "orders"), "orders", "db", Services);

    static ChangeEvent Change(ulong number, string key)
    {
        var builder = new RowBuilder();
        builder.Begin(new RowSchema(new RowField("n", FieldType.Integer, isKey: false)));
        builder.Append(Encoding.UTF8.GetBytes($"{number}"));
        var change = new ChangeEvent
        {
            Kind = ChangeKind.Insert,
            Subject = "t",
            Key = Encoding.UTF8.GetBytes(key),
            Position = new SourcePosition("", SourcePosition.Compose(number, 0)),
            After = builder.Build(),
        };
        change.Stamp(new EventOrigin("orders", "db", DeliveryGuarantee.AtLeastOnce), 1);
        return change;
    }
}
