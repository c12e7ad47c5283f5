using static Penstock.Runtime.Tests.DeadLetters.Letters;

namespace Penstock.Runtime.Tests.DeadLetters;

/// <summary>A line that nobody can read may be the one that makes a key wait: people see it, the host refuses to guess.</summary>
public sealed class DeadLetterDamageTests : IDisposable
{
    readonly Letters _letters = new();

    public void Dispose() => _letters.Dispose();

    [Fact]
    public void A_torn_last_line_is_not_there_and_the_next_letter_replaces_it()
    {
        _letters.Store().Keep([Refused(1)]);
        var whole = File.ReadAllText(_letters.File);
        _letters.Store().Keep([Refused(2, text: new string('x', 9000))]);
        var second = File.ReadAllText(_letters.File)[whole.Length..];
        for (var length = 1; length < second.Length; length += length < 40 ? 1 : 211)
        {
            File.WriteAllText(_letters.File, whole + second[..length]);
            Assert.Single(_letters.Open());
            _letters.Store().Keep([Refused(3)]);
            Assert.Equal([1, 3], _letters.Open().Select(letter => (int)(letter.Head.Position.Order >> 64)));
        }
    }

    public static TheoryData<string> Damages { get; } =
    [
        "no JSON", "", "{}", "[]", "null", "7", "{\"v\":1}", "{\"v\":1,\"kind\":\"loss\"}", "{\"v\":1,\"kind\":3}",
        "{\"v\":1,\"kind\":\"replayed\"}", "{\"v\":1,\"kind\":\"discarded\",\"id\":null,\"at\":\"2026-01-01T12:00:00Z\",\"by\":\"b\",\"command\":\"c\"}",
        "{\"v\":1,\"kind\":\"refused\",\"id\":\"i\",\"at\":\"noon\",\"by\":\"b\",\"command\":\"c\"}",
        "{\"v\":1,\"kind\":\"refused\",\"id\":\"i\",\"at\":\"2026-01-01T12:00:00Z\",\"by\":\"b\",\"command\":\"c\",\"error\":7}",
    ];

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_line_that_is_none_is_reported_with_its_place_and_hides_no_other(string damage) => AssertRefused(damage);

    [Theory]
    [InlineData("\"v\":1,\"kind\"", "\"v\":2,\"kind\"", "it has version 2, this host reads version 1")]
    [InlineData("\"sink\":\"sink\"", "\"sink\":\"other\"", "it belongs to p/other")]
    [InlineData("\"pipeline\":\"p\"", "\"pipeline\":\"q\"", "it belongs to q/sink")]
    [InlineData("\"kind\":\"deadLetter\"", "\"kind\":\"DeadLetter\"", "expected one of deadLetter, refused, replayed, discarded")]
    [InlineData("\"reason\":\"refused\"", "\"reason\":\"else\"", "expected one of refused, parked")]
    [InlineData("\"key\":\"aw==\"", "\"key\":\"a\"", "")]
    [InlineData("\"lane\":3", "\"lane\":\"3\"", "")]
    [InlineData("\"attempts\":2,", "", "")]
    [InlineData("00000009/00000000\",\"subject", "0000000A/00000000\",\"subject", "its id and its position differ")]
    [InlineData("\"firstAt\":\"2026", "\"firstAt\":\"a", "")]
    public void A_letter_that_was_tampered_with_is_reported(string old, string changed, string cause)
    {
        _letters.Store().Keep([Refused(9)]);
        var line = File.ReadAllText(_letters.File).TrimEnd('\n');
        Assert.Contains(old, line);
        File.Delete(_letters.File);

        Assert.Contains(cause, AssertRefused(line.Replace(old, changed, StringComparison.Ordinal)));
    }

    [Fact]
    public void Half_a_line_with_the_rest_behind_it_is_damage_wherever_it_was_cut()
    {
        _letters.Store().Keep([Refused(9)]);
        var line = File.ReadAllText(_letters.File).TrimEnd('\n');
        for (var length = 1; length < line.Length; length += 7)
        {
            File.Delete(_letters.File);
            AssertRefused(line[..length]);
        }
    }

    [Fact]
    public void The_event_of_another_letter_is_not_replayed()
    {
        _letters.Store().Keep([Refused(1)]);
        Assert.NotNull(_letters.Journal.ReadEvent(_letters.Open()[0], new Dictionary<string, string>()));

        File.WriteAllText(_letters.File, File.ReadAllText(_letters.File).Replace("\"event\":{\"v\":1,\"id\":\"p/s:00000000/00000001", "\"event\":{\"v\":1,\"id\":\"p/s:00000000/00000002"));

        var refusal = Assert.Throws<FormatException>(() => _letters.Journal.ReadEvent(_letters.Open()[0], new Dictionary<string, string>()));
        Assert.StartsWith($"{_letters.File}:1: ", refusal.Message);
    }

    string AssertRefused(string damage)
    {
        _letters.Store().Keep([Refused(1)]);
        File.AppendAllText(_letters.File, damage + "\n");
        _letters.Journal.Append([Refused(2)]);
        var reports = new List<string>();

        var open = _letters.Journal.ReadOpen(reports.Add);

        Assert.Equal([1, 2], open.Select(letter => (int)(letter.Head.Position.Order >> 64)));
        var report = Assert.Single(reports);
        Assert.StartsWith($"{_letters.File}:2: expected a dead letter of p/sink", report);
        Assert.Contains(report, Assert.Throws<PipelineFailureException>(() => _letters.Store()).Message);
        return report;
    }
}
