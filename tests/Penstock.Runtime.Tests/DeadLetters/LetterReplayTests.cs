using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Tests.Support;
using static Penstock.Runtime.Tests.DeadLetters.Letters;

namespace Penstock.Runtime.Tests.DeadLetters;

public sealed class LetterReplayTests : IDisposable
{
    readonly Letters _letters = new();
    readonly SinkStore _sink = new();
    readonly List<ChangeEvent> _written = [];
    readonly List<string> _deeds = [];
    readonly HashSet<string> _poison = [];

    public LetterReplayTests()
    {
        _sink.BeforeWrite = (_, batch, _) => batch.Index().FirstOrDefault(change => _poison.Contains(KeyOf(change.Item)), (-1, null!)) is ( >= 0 and var index, _)
            ? RefuseAsync(batch, index)
            : default;
        _sink.AfterWrite = _written.AddRange;
    }

    public void Dispose() => _letters.Dispose();

    [Fact]
    public async Task Letters_are_written_with_their_ids_and_a_header_and_closed_after_that()
    {
        var openWhenWritten = -1;
        _sink.AfterWrite = batch =>
        {
            openWhenWritten = _letters.Open().Count;
            _written.AddRange(batch);
        };
        Keep(1, 2);

        await ReplayAsync();

        Assert.Equal(2, openWhenWritten);
        Assert.Empty(_letters.Open());
        Assert.Equal([Change(1).Id, Change(2).Id], _written.Select(change => change.Id));
        Assert.All(_written, change => Assert.EndsWith("Z", change.Headers[EventHeaders.Replayed], StringComparison.Ordinal));
        Assert.Contains("\"kind\":\"replayed\"", _letters.Lines[^1]);
        Assert.Contains("\"by\":\"somebody\",\"command\":\"dead-letters replay\"", _letters.Lines[^1]);
    }

    [Fact]
    public async Task A_second_replay_finds_nothing_to_do()
    {
        Keep(1, 2);
        await ReplayAsync();
        await ReplayAsync();

        Assert.Equal(2, _sink.Count);
    }

    [Fact]
    public async Task When_one_is_refused_again_those_before_it_are_closed_and_the_later_ones_of_its_key_stay()
    {
        _letters.Store().Keep([Refused(1, "a"), Refused(2, "bad"), Refused(3, "b"), Refused(4, "bad"), Refused(5, "a")]);
        _poison.Add("bad");

        await ReplayAsync();

        Assert.Equal([1ul, 3, 5], _sink.Numbers);
        var open = _letters.Open();
        Assert.Equal([Change(2).Id, Change(4).Id], open.Select(letter => letter.Head.Id));
        Assert.Equal([(3, "no bad"), (2, "it is \"poison\"\nindeed")], open.Select(letter => (letter.Attempts, letter.Error!.Message)));

        _poison.Clear();
        await ReplayAsync();
        Assert.Equal([1ul, 3, 5, 2, 4], _sink.Numbers);
        Assert.Empty(_letters.Open());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public async Task Order_per_key_is_the_sources_order_however_many_lanes_and_whatever_the_batch(int maxEvents)
    {
        var keys = Enumerable.Range(0, 40).Select(number => (Number: (ulong)number + 1, Key: $"{number % 7}")).ToArray();
        // The lanes that gave them up did not do so in source order.
        _letters.Store().Keep([.. keys.OrderBy(key => key.Number % 5).Select(key => Refused(key.Number, key.Key))]);

        await ReplayAsync(new SinkPlan("sink", context => new RecordingSink(_sink, context)) { Lanes = 4, Batch = new BatchLimits { MaxEvents = maxEvents } });

        Assert.Equal(40, _sink.Count);
        Assert.Empty(Oracle.OutOfOrder(_sink));
        Assert.True(_sink.Events.Select(delivered => delivered.Lane).Distinct().Count() > 1);
        Assert.All(_sink.Batches, batch => Assert.True(batch.Numbers.Length <= maxEvents));
    }

    [Fact]
    public async Task Nothing_passes_a_truncate()
    {
        var truncate = Stamped(new ChangeEvent { Kind = ChangeKind.Truncate, Subject = "t", Position = new SourcePosition("", SourcePosition.Compose(3, 0)) });
        _letters.Store().Keep([Refused(1, "a"), Refused(2, "b"), Refused(truncate), Refused(4, "c"), Refused(5, "a")]);

        await ReplayAsync(new SinkPlan("sink", context => new RecordingSink(_sink, context)) { Lanes = 8 });

        Assert.Equal(3ul, _sink.Numbers.ElementAt(2));
        Assert.Equal(0, _sink.Events[2].Lane);
        Assert.Equal(new ulong[] { 4, 5 }, _sink.Numbers.Skip(3).Order());
    }

    [Fact]
    public async Task A_sink_that_fails_stops_the_replay_and_what_was_done_stays_done()
    {
        Keep(1, 2, 3);
        var writes = 0;
        _sink.BeforeWrite = (_, _, _) => ++writes == 2 ? throw new IOException("gone") : default;

        var failure = await Assert.ThrowsAsync<IOException>(() => ReplayAsync(Plan(maxEvents: 1)));

        Assert.Equal("gone", failure.Message);
        Assert.Equal([Change(2).Id, Change(3).Id], _letters.Open().Select(letter => letter.Head.Id));
        Assert.Equal(["replayed 1"], _deeds);
    }

    [Fact]
    public async Task Dying_between_the_sink_and_the_journal_replays_once_more_with_the_same_id()
    {
        Keep(1);
        _sink.AfterWrite = batch =>
        {
            _written.AddRange(batch);
            if (_written.Count == 1)
            {
                throw new IOException("died");
            }
        };
        await Assert.ThrowsAsync<IOException>(() => ReplayAsync());
        Assert.Single(_letters.Open());

        await ReplayAsync();

        Assert.Equal([Change(1).Id, Change(1).Id], _written.Select(change => change.Id));
        Assert.Empty(_letters.Open());
    }

    [Fact]
    public async Task A_journal_that_cannot_be_written_closes_nothing()
    {
        Keep(1);
        var letters = _letters.Open();
        _sink.AfterWrite = _ =>
        {
            File.Move(_letters.File, _letters.File + ".away");
            Directory.CreateDirectory(_letters.File);
        };

        await Assert.ThrowsAsync<IOException>(() => ReplayAsync(letters: letters));

        Assert.Empty(_deeds);
        Directory.Delete(_letters.File);
        File.Move(_letters.File + ".away", _letters.File);
        Assert.Single(_letters.Open());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task A_letter_finds_the_lane_in_which_a_run_delivers_its_key(int lanes)
    {
        using var rig = new Rig();
        rig.Sink = rig.Sink with { Lanes = lanes };
        rig.Log.AppendChanges(1, 300, keys: 60, markEvery: 50).Complete();
        await rig.RunToEndAsync();

        var lanesByKey = rig.Store.Events.DistinctBy(delivered => delivered.Key).ToDictionary(delivered => delivered.Key, delivered => delivered.Lane);
        Assert.Equal(lanes, lanesByKey.Values.Distinct().Count());
        _letters.Store().Keep([.. lanesByKey.Keys.Select((key, i) => Refused((ulong)i, key))]);
        Assert.All(_letters.Open(), letter =>
        {
            Assert.Equal(lanesByKey[Encoding.UTF8.GetString(letter.Head.Key)], LetterLane.Of(letter.Head, Ordering.Key, lanes));
            Assert.Equal(0, LetterLane.Of(letter.Head, Ordering.Source, lanes));
        });
    }

    async ValueTask RefuseAsync(IReadOnlyList<ChangeEvent> batch, int index)
    {
        await Task.Yield();
        _sink.Keep(0, [.. batch.Take(index)]);
        throw PluginException.Poison(index, $"no {KeyOf(batch[index])}");
    }

    void Keep(params ulong[] numbers) => _letters.Store().Keep([.. numbers.Select(number => Refused(number))]);

    SinkPlan Plan(int maxEvents) => new("sink", context => new RecordingSink(_sink, context)) { Batch = new BatchLimits { MaxEvents = maxEvents } };

    async Task ReplayAsync(SinkPlan? plan = null, IReadOnlyList<OpenLetter>? letters = null)
    {
        using var meter = new System.Diagnostics.Metrics.Meter("test");
        var services = new RuntimeServices(NullLoggerFactory.Instance, TimeProvider.System, meter);
        var author = new LetterAuthor("somebody", "dead-letters replay", TimeProvider.System);
        await using var replay = new LetterReplay(plan ?? Plan(maxEvents: 100), _letters.Journal, author, services);
        var inOrder = (letters ?? _letters.Open()).OrderBy(letter => letter.Head.Position.Order).ToArray();
        await replay.RunAsync(
            inOrder, deed => _deeds.Add($"{JournalJson.Name(deed.Kind)} {int.Parse(deed.Id.Split('/')[2], System.Globalization.NumberStyles.HexNumber, null)}"), TestContext.Current.CancellationToken);
    }

    static string KeyOf(ChangeEvent change) => Encoding.UTF8.GetString(change.Key.Span);
}
