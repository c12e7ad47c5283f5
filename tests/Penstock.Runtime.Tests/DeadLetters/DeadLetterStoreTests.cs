using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Diagnostics;
using static Penstock.Runtime.Tests.DeadLetters.Letters;

namespace Penstock.Runtime.Tests.DeadLetters;

public sealed class DeadLetterStoreTests : IDisposable
{
    readonly Letters _letters = new();

    public void Dispose() => _letters.Dispose();

    [Fact]
    public void Without_a_journal_nothing_is_open_and_no_file_is_made()
    {
        var store = _letters.Store();

        Assert.Equal(0, store.OpenCount);
        Assert.False(store.IsParked(Change(1)));
        Assert.False(File.Exists(_letters.File));
    }

    [Fact]
    public void A_letter_parks_its_own_source_subject_and_key_and_no_other()
    {
        var store = _letters.Store();
        store.Keep([Refused(1)]);

        foreach (var each in (DeadLetterStore[])[store, _letters.Store()])
        {
            Assert.Equal(1, each.OpenCount);
            Assert.True(each.IsParked(Change(2)));
            Assert.False(each.IsParked(Change(2, key: "K")));
            Assert.False(each.IsParked(Change(2, key: "")));
            Assert.False(each.IsParked(Change(2, subject: "T")));
            Assert.False(each.IsParked(Change(2, source: "S")));
        }
    }

    [Fact]
    public void What_a_line_says_comes_back()
    {
        _letters.Store().Keep([Refused(7), DeadLetter.Parked(Change(8), 3, Noon)]);

        var open = _letters.Open();

        var (refused, parked) = (open[0].Head, open[1].Head);
        Assert.Equal(("p/s:00000000/00000007/00000000", "s", "t", 3), (refused.Id, refused.Source, refused.Subject, refused.Lane));
        Assert.Equal((DeadLetterReason.Refused, 2, Noon, Noon.AddSeconds(1)), (refused.Reason, refused.Attempts, refused.FirstAt, refused.LastAt));
        Assert.Equal(new DeadLetterError("poison", "it is \"poison\"\nindeed"), refused.Error);
        Assert.Equal("k"u8, refused.Key);
        Assert.Equal((DeadLetterReason.Parked, 0, null), (parked.Reason, parked.Attempts, parked.Error));
        Assert.Equal(Change(8).Position, parked.Position);
    }

    [Fact]
    public void An_event_that_is_open_already_is_not_written_again()
    {
        var store = _letters.Store();
        store.Keep([Refused(1), Refused(1)]);
        store.Keep([Refused(1), Refused(2)]);
        _letters.Store().Keep([Refused(2), Refused(1)]);

        Assert.Equal(2, _letters.Lines.Length);
        Assert.Equal(2, store.OpenCount);
    }

    [Theory]
    [InlineData(nameof(LineKind.Replayed))]
    [InlineData(nameof(LineKind.Discarded))]
    public void A_letter_that_is_closed_parks_nothing_and_the_same_event_refused_again_is_a_new_letter(string deed)
    {
        _letters.Store().Keep([Refused(1)]);
        _letters.Journal.Append(Deed(Enum.Parse<LineKind>(deed), 1));

        var store = _letters.Store();
        Assert.Equal(0, store.OpenCount);
        Assert.False(store.IsParked(Change(1)));
        store.Keep([Refused(1)]);

        Assert.True(store.IsParked(Change(2)));
        Assert.Single(_letters.Open());
        Assert.Equal(3, _letters.Lines.Length);
    }

    [Fact]
    public void A_letter_that_was_refused_again_stays_open_and_says_so()
    {
        _letters.Store().Keep([Refused(1)]);
        _letters.Journal.Append(Deed(LineKind.Refused, 1));

        var open = Assert.Single(_letters.Open());

        Assert.Equal((3, "again", Noon.AddHours(1)), (open.Attempts, open.Error!.Message, open.LastAt));
        Assert.True(_letters.Store().IsParked(Change(2)));
    }

    [Fact]
    public void A_letter_counts_when_it_is_durable_and_not_before()
    {
        var seen = new List<(FaultPoint Point, int Lines, int Open)>();
        DeadLetterStore? store = null;
        store = _letters.Store(point => seen.Add((point, _letters.Lines.Length, store!.OpenCount)));
        store.Keep([Refused(1), Refused(2, key: "other")]);

        Assert.Equal([(FaultPoint.DeadLetterWritten, 2, 0), (FaultPoint.DeadLetterDurable, 2, 0)], seen);
        Assert.Equal(2, store.OpenCount);
    }

    [Theory]
    [InlineData(nameof(FaultPoint.DeadLetterWritten))]
    [InlineData(nameof(FaultPoint.DeadLetterDurable))]
    public void Dying_at_either_step_leaves_a_letter_that_the_next_start_knows_and_does_not_repeat(string point)
    {
        var store = _letters.Store(at =>
        {
            if (at.ToString() == point)
            {
                throw new PipelineFailureException("died", new IOException("planted"));
            }
        });
        Assert.Throws<PipelineFailureException>(() => store.Keep([Refused(1)]));

        var next = _letters.Store();
        Assert.True(next.IsParked(Change(1)));
        next.Keep([Refused(1)]);
        Assert.Single(_letters.Lines);
    }

    [Fact]
    public void After_a_flush_that_failed_nothing_is_kept_any_more()
    {
        var deaths = 0;
        var store = _letters.Store(at =>
        {
            if (at == FaultPoint.DeadLetterWritten && deaths++ == 0)
            {
                throw new PipelineFailureException("fsync failed", new IOException("planted"));
            }
        });
        Assert.Throws<PipelineFailureException>(() => store.Keep([Refused(1)]));

        var again = Assert.Throws<PipelineFailureException>(() => store.Keep([Refused(2)]));

        Assert.Equal("fsync failed", again.Message);
        Assert.Equal(1, deaths);
    }

    [Fact]
    public void Only_what_comes_after_the_oldest_letter_of_its_key_waits()
    {
        var store = _letters.Store();
        store.Keep([Refused(7, key: "k")]);
        store.Keep([Refused(5, key: "k")]);

        Assert.Equal([false, true, true, true], new ulong[] { 4, 5, 6, 8 }.Select(number => store.IsParked(Change(number, key: "k"))));
        Assert.Equal(store.IsParked(Change(4, key: "k")), _letters.Store().IsParked(Change(4, key: "k")));
    }

    [Fact]
    public void A_truncate_and_the_other_events_of_its_subject_wait_for_each_other()
    {
        var store = _letters.Store();
        store.Keep([Refused(5, key: "k")]);
        Assert.Equal([false, true], new ulong[] { 4, 6 }.Select(number => store.IsParked(Truncate(number))));
        Assert.False(store.IsParked(Change(6, key: "other")));

        store.Keep([DeadLetter.Parked(Truncate(7), lane: 0, DateTimeOffset.UnixEpoch)]);
        Assert.Equal([false, true], new ulong[] { 6, 8 }.Select(number => store.IsParked(Change(number, key: "other"))));
        // As the next start finds it.
        Assert.Equal([false, true], new ulong[] { 6, 8 }.Select(number => _letters.Store().IsParked(Change(number, key: "other"))));
    }

    [Fact]
    public async Task Lanes_that_keep_letters_at_once_lose_none_and_tear_none()
    {
        const int lanes = 8, each = 50;
        var store = _letters.Store();
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
            {
                var own = (ulong)((lane * each) + i + 1000);
                // The second letter is one that all lanes come with.
                store.Keep([Refused(own, key: $"{own}"), Refused((ulong)i, key: $"{i}")]);
                Assert.True(store.IsParked(Change(own + 1, key: $"{own}")));
            }
        })));

        var ids = _letters.Open().Select(letter => letter.Head.Id).ToArray();
        Assert.Equal((lanes * each) + each, ids.Distinct().Count());
        Assert.Equal(ids.Length, _letters.Lines.Length);
        Assert.Equal(ids.Length, store.OpenCount);
    }

    [Fact]
    public void Only_the_owner_may_read_what_events_held()
    {
        _letters.Store().Keep([Refused(1)]);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_letters.File));
    }

    static ChangeEvent Truncate(ulong number) => Stamped(new ChangeEvent
    {
        Kind = ChangeKind.Truncate,
        Subject = "t",
        Position = new SourcePosition("", SourcePosition.Compose(number, 0)),
    });
}
