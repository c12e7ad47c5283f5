using System.Collections.Concurrent;
using Penstock.Runtime.Losses;
using Penstock.Runtime.Tests.Diagnostics;
using Penstock.Runtime.Tests.Support;

namespace Penstock.Runtime.Tests.Losses;

public sealed class LossTests : IDisposable
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    readonly Rig _rig = new();

    string LossFile => Path.Combine(_rig.PipelineDirectory, "losses.jsonl");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_window_is_on_disk_before_the_sink_sees_it_and_opening_and_closing_are_one()
    {
        var seen = new ConcurrentQueue<(bool IsOpen, bool OnDisk)>();
        _rig.Store.OnLoss = loss => seen.Enqueue((loss.ClosedAt is null, IsOnDisk(loss)));
        _rig.Log.Append(Entry.Change(1), Entry.Loss(1, Window(0)), Entry.Change(2), Entry.Loss(2, Window(0, closed: 5)), Entry.Mark(2)).Complete();

        await _rig.RunToEndAsync();

        Assert.Equal([(true, true), (false, true)], seen);
        // A window that was never emitted is not there.
        Assert.False(IsOnDisk(Window(1)));
        var (pipeline, only) = Assert.Single(LossLog.ReadAll(_rig.Options.StateDirectory));
        Assert.Equal(("p", "s"), (pipeline, only.Source));
        Assert.Equal(Noon.AddSeconds(5), only.Window.ClosedAt);
        Assert.Equal(2, File.ReadAllLines(LossFile).Length);
    }

    [Fact]
    public async Task Windows_of_many_sources_at_once_are_all_on_disk()
    {
        const int sources = 6, windows = 40;
        SourcePlan SourceOf(int number)
        {
            var log = new RetainedLog().Append(Enumerable.Range(1, windows).Select(i => Entry.Loss((ulong)i, Window(i, closed: i + 1)))).Complete();
            return new SourcePlan($"s{number}", _ => new ScriptedSource(log));
        }

        var plan = new PipelinePlan("p", [.. Enumerable.Range(0, sources).Select(SourceOf)], _rig.Sinks);
        await new Pipeline(plan, _rig.Options, _rig.Services).RunAsync(CancellationToken.None, CancellationToken.None);

        Assert.Equal(sources * windows, LossLog.ReadAll(_rig.Options.StateDirectory).Count);
        Assert.All(File.ReadAllLines(LossFile), line => LossJson.Read(line));
    }

    [Fact]
    public void A_window_comes_back_from_disk_as_it_was()
    {
        var window = new LossWindow
        {
            Cause = LossCause.SettingCleared,
            OpenedAt = Noon,
            ClosedAt = Noon.AddMinutes(1),
            Node = "127.0.0.1:6379",
            Subject = "line\nbreak \"quoted\"",
            IsCertain = true,
            Missed = long.MaxValue,
            Detail = "ü",
        };
        Log().Append(new RecordedLoss("s", window));

        var back = Assert.Single(LossLog.ReadAll(_rig.Options.StateDirectory)).Loss.Window;

        Assert.Equivalent(window, back, strict: true);
        Assert.Contains("\"cause\":\"settingCleared\"", File.ReadAllText(LossFile));
    }

    [Fact]
    public void A_window_that_a_crash_left_open_is_closed_by_later_proof_of_the_same_place()
    {
        var log = Log();
        log.Append(new RecordedLoss("s", Window(0)));
        log.Append(new RecordedLoss("s", Window(1, subject: "elsewhere")));
        log.Append(new RecordedLoss("s", Window(10, closed: 20)));

        var windows = LossLog.ReadAll(_rig.Options.StateDirectory);

        Assert.Equal([Noon.AddSeconds(20), null, Noon.AddSeconds(20)], windows.Select(window => window.Loss.Window.ClosedAt));
    }

    [Fact]
    public void A_torn_last_line_is_not_read_and_the_next_window_replaces_it()
    {
        var log = Log();
        log.Append(new RecordedLoss("s", Window(0, closed: 1)));
        var whole = File.ReadAllText(LossFile);
        log.Append(new RecordedLoss("s", Window(2, closed: 3)));
        var second = File.ReadAllText(LossFile)[whole.Length..];
        for (var length = 1; length < second.Length; length++)
        {
            File.WriteAllText(LossFile, whole + second[..length]);
            Assert.Single(LossLog.ReadAll(_rig.Options.StateDirectory));
            Log().Append(new RecordedLoss("s", Window(4, closed: 5)));
            Assert.Equal(2, LossLog.ReadAll(_rig.Options.StateDirectory).Count);
        }
    }

    [Fact]
    public void A_line_that_is_no_window_is_reported_with_its_place_and_hides_no_other()
    {
        string[] foreign = ["no JSON", "{}", "[]", """{"v":1,"kind":"loss","source":"s","openedAt":"noon"}""", ""];
        Log().Append(new RecordedLoss("s", Window(0, closed: 1)));
        File.AppendAllLines(LossFile, foreign);
        Log().Append(new RecordedLoss("s", Window(2, closed: 3)));
        var reports = new List<string>();

        var windows = LossLog.ReadAll(_rig.Options.StateDirectory, reports.Add);

        Assert.Equal([Noon, Noon.AddSeconds(2)], windows.Select(window => window.Loss.Window.OpenedAt));
        Assert.Equal(foreign.Length, reports.Count);
        Assert.All(reports.Index(), report => Assert.StartsWith($"{LossFile}:{report.Index + 2}: expected a loss window", report.Item, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_window_that_cannot_be_written_is_shown_to_nobody_until_it_is()
    {
        var seen = 0;
        var book = new LogBook();
        _rig.Services = _rig.Services with { LoggerFactory = book };
        _rig.Store.OnLoss = _ => Interlocked.Increment(ref seen);
        Directory.CreateDirectory(LossFile);
        _rig.Log.Append(Entry.Loss(1, Window(0)), Entry.Change(2)).Complete();
        await using var running = _rig.Start();

        await Until.Holds(() => book.Lines.Count(line => line.Id == 113) > 1);
        Assert.Equal(0, Volatile.Read(ref seen));
        Assert.Equal(0, _rig.Store.Count);
        Directory.Delete(LossFile);
        await running.EndAsync();

        Assert.Equal(1, seen);
        Assert.Single(LossLog.ReadAll(_rig.Options.StateDirectory));
    }

    [Fact]
    public async Task Windows_and_missed_events_are_counted_once()
    {
        using var probe = new MeterProbe(_rig.Meter);
        _rig.Log.Append(
            Entry.Loss(1, Window(0, missed: 3)), Entry.Loss(1, Window(0, closed: 5, missed: 7)),
            Entry.Loss(1, Window(10)), Entry.Loss(1, Window(10, closed: 11)),
            Entry.Loss(1, Window(20, closed: 21, missed: 2))).Complete();

        await _rig.RunToEndAsync();

        Assert.Equal(3, probe.Sum("penstock_loss_windows_total"));
        Assert.Equal(9, probe.Sum("penstock_events_missed_total"));
    }

    LossLog Log()
    {
        Directory.CreateDirectory(_rig.PipelineDirectory);
        return new LossLog(_rig.PipelineDirectory);
    }

    bool IsOnDisk(LossWindow loss)
    {
        var line = System.Text.Encoding.UTF8.GetString(LossJson.Write(new RecordedLoss("s", loss)).Span);
        return File.ReadAllLines(LossFile).Contains(line);
    }

    static LossWindow Window(int opened, int? closed = null, string subject = "ch", long? missed = null) => new()
    {
        Cause = LossCause.Disconnected,
        Node = "n:1",
        Subject = subject,
        OpenedAt = Noon.AddSeconds(opened),
        ClosedAt = closed is { } seconds ? Noon.AddSeconds(seconds) : null,
        Missed = missed,
    };
}
