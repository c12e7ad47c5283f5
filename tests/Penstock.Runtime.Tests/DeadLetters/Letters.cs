using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Diagnostics;
using Penstock.TestServers;

namespace Penstock.Runtime.Tests.DeadLetters;

/// <summary>A folder with the dead letters of sink p/sink, and letters to put into it.</summary>
sealed class Letters : IDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    readonly TempDirectory _directory = new("letters");
    readonly Meter _meter = new("test");

    public string Directory => _directory.Path;

    public string File => _directory.Combine("sink.dead-letters.jsonl");

    public DeadLetterJournal Journal => DeadLetterJournal.In(Directory, "p", "sink");

    public string[] Lines => System.IO.File.ReadAllLines(File);

    public DeadLetterStore Store(Action<FaultPoint>? faults = null) => StoreIn(Directory, faults);

    public DeadLetterStore StoreIn(string directory, Action<FaultPoint>? faults = null) => DeadLetterStore.Open(
        directory, "p", "sink", new RuntimeServices(NullLoggerFactory.Instance, TimeProvider.System, _meter) { Faults = new Faults(faults) });

    /// <summary>The open letters, of a journal without damage.</summary>
    public IReadOnlyList<OpenLetter> Open() => Journal.ReadOpen(damage => Assert.Fail(damage));

    public static DeadLetter Refused(ulong number, string key = "k", string text = "v") => Refused(Change(number, key, text: text));

    public static DeadLetter Refused(ChangeEvent change) =>
        DeadLetter.Refused(change, 3, PluginException.Poison(0, "it is \"poison\"\nindeed"), 2, Noon, Noon.AddSeconds(1));

    public static LetterDeed Deed(LineKind kind, ulong number) => new(kind, Change(number).Id, Noon.AddHours(1), "somebody", "dead-letters test")
    {
        Error = kind == LineKind.Refused ? new DeadLetterError("poison", "again") : null,
    };

    public static ChangeEvent Change(ulong number, string key = "k", string source = "s", string subject = "t", string text = "v")
    {
        var builder = new RowBuilder();
        builder.Begin(new RowSchema(new RowField("v", FieldType.Text, isKey: false)));
        builder.Append(Encoding.UTF8.GetBytes(text));
        return Stamped(
            new ChangeEvent
            {
                Kind = ChangeKind.Insert,
                Subject = subject,
                Key = Encoding.UTF8.GetBytes(key),
                Position = new SourcePosition("", SourcePosition.Compose(number, 0)),
                After = builder.Build(),
            },
            source);
    }

    public static ChangeEvent Stamped(ChangeEvent change, string source = "s")
    {
        change.Stamp(new EventOrigin("p", source, DeliveryGuarantee.AtLeastOnce), 1);
        return change;
    }

    public void Dispose()
    {
        _meter.Dispose();
        _directory.Dispose();
    }
}
