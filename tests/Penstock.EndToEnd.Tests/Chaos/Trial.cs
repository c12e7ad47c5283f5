using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>The record of one scenario: its faults, its recoveries, and the verdict over what the sink holds in the end.</summary>
sealed class Trial(string scenario, SinkTail tail)
{
    readonly List<Mark> _marks = [];
    readonly List<TimeSpan> _recoveries = [];
    int _restarts;
    int _inPlace;

    /// <summary>How long a recovery may take: each at full width, the median in the test run. Default unbounded.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.MaxValue;

    /// <summary>Whether the source promises the order of each key. Default true.</summary>
    public bool IsOrdered { get; init; } = true;

    public string Remarks { get; set; } = "";

    public int Rounds => _marks.Count;

    /// <summary>A fault came: what of the source was settled for good by then must not come again.</summary>
    public void Faulted(Func<Delivered, bool> covered)
    {
        tail.Look();
        _marks.Add(new Mark(tail.Entries.Count, covered));
    }

    /// <inheritdoc cref="Faulted(Func{Delivered, bool})"/>
    public void Faulted(string checkpoint) => Faulted(entry => string.CompareOrdinal(entry.Position, checkpoint) <= 0);

    /// <summary>Waits for the first new event in the sink; the clock runs since the fault was over, or the host was started.</summary>
    public async Task RecoversAsync(Stopwatch sinceHealed)
    {
        await tail.GrowsAsync(1);
        _recoveries.Add(sinceHealed.Elapsed);
    }

    /// <summary>Waits for the first event from behind this position, which is where the source stood when the fault was over.</summary>
    public async Task RecoversAsync(Stopwatch sinceHealed, string newerThan)
    {
        await tail.PassesAsync(newerThan);
        _recoveries.Add(sinceHealed.Elapsed);
    }

    /// <summary>Waits for what counts as recovered.</summary>
    public async Task RecoversAsync(Stopwatch sinceHealed, Func<bool> recovered)
    {
        await Eventually.HoldsAsync(recovered, $"{scenario}: recovered");
        _recoveries.Add(sinceHealed.Elapsed);
    }

    /// <summary>A host was started: where does it say it resumes?</summary>
    public async Task RestartedAsync(HostRun host, string expectedPosition)
    {
        const string resumes = "resumes after ";
        await host.LogsAsync(resumes);
        _restarts++;
        _inPlace += host.Errors.Contains($"{resumes}{expectedPosition}\"", StringComparison.Ordinal) ? 1 : 0;
    }

    /// <summary>Judges, reports, and asserts what every scenario promises.</summary>
    public Row Conclude(IReadOnlySet<(int Counter, int Value)> committed)
    {
        tail.Look();
        var findings = Findings.Of(committed, tail.Entries);
        var row = new Row(scenario, Rounds)
        {
            Read = committed.Count,
            Delivered = tail.Entries.Count,
            Lost = findings.Lost.Count,
            Duplicated = findings.Duplicates.Count,
            BelowCheckpoint = Mark.Repeated(tail.Entries, _marks).Count,
            OutOfOrder = findings.OutOfOrder.Count,
            Recoveries = _recoveries,
            InPlace = (_inPlace, _restarts),
            Remarks = Remarks,
        };
        Report.Add(row);
        Verify(row, findings);
        return row;
    }

    void Verify(Row row, Findings findings)
    {
        Assert.NotEqual(0, row.Rounds);
        Assert.NotEqual(0, row.Read);
        Assert.Empty(findings.Unknown);
        Assert.Equal(0, row.Lost);
        Assert.Equal(0, row.BelowCheckpoint);
        Assert.Equal(_restarts, _inPlace);
        var recoveries = _recoveries.Order().ToList();
        if (recoveries.Count > 0)
        {
            // The slowest is a promise, too, but beside a test run's other work it says more about the machine.
            Assert.InRange(Width.IsFull ? recoveries[^1] : recoveries[recoveries.Count / 2], TimeSpan.Zero, Limit);
        }

        if (IsOrdered)
        {
            Assert.Equal(0, row.OutOfOrder);
        }
    }
}
