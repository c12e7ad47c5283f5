using System.Text;
using Penstock.Sinks.File;
using static Penstock.Sinks.Tests.SampleEvents;
using FileOptions = Penstock.Sinks.File.FileOptions;

namespace Penstock.Sinks.Tests;

public sealed class FilePathTests
{
    const string Root = "/jail/out";

    static readonly string[] Hostile =
    [
        "", ".", "..", "../..", "/etc/passwd", "a/b", "a\\b", "a\0b", "\n", "%", "%2F", "%empty", "~", ".hidden", "...", "C:\\x", "COM1", " ", "-rf", "é", "e\u0301", "\U0001F600",
    ];

    [Fact]
    public void No_subject_leaves_the_directory_or_shares_a_file()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        var template = Parse(Root + "/{subject}");
        var subjects = Hostile.Concat(Enumerable.Range(0, 10_000).Select(_ => RandomSubject(random))).Distinct(StringComparer.Ordinal);
        foreach (var subject in subjects)
        {
            var path = template.Expand(Event(1, subject));
            Assert.True(IsJailed(path), $"seed {seed}: subject \"{subject}\" became {path}");
            Assert.True(owners.TryAdd(path, subject), $"seed {seed}: \"{subject}\" and \"{owners[path]}\" share {path}");
        }

        Assert.True(owners.Count > 9_000, $"only {owners.Count} different subjects");
        Assert.False(IsJailed(Path.GetFullPath(Root + "/../x")));
        Assert.False(IsJailed(Root + "/a/b"));
        Assert.False(IsJailed(Root + "/" + new string('x', 256)));
    }

    [Theory]
    [InlineData("{source}/{subject}-{key}.jsonl", "/jail/src/public.orders-k%2F1.jsonl")]
    [InlineData("all.jsonl", "/jail/all.jsonl")]
    [InlineData("{{{subject}}}", "/jail/{public.orders}")]
    [InlineData("../{key}", "/k%2F1")]
    public void Placeholders_are_replaced_and_the_operators_own_directories_stay(string template, string expected) =>
        Assert.Equal(expected, Parse("/jail/" + template).Expand(Event(1, key: "k/1")));

    [Fact]
    public void Long_values_keep_their_start_and_stay_apart()
    {
        var template = Parse("/jail/{subject}.{key}.jsonl");
        var one = template.Expand(Event(1, new string('s', 1000), key: new string('k', 1000)));
        var other = template.Expand(Event(1, new string('s', 1000), key: new string('k', 1000) + "2"));

        Assert.NotEqual(one, other);
        Assert.InRange(Path.GetFileName(one).Length, 200, 255);
        Assert.StartsWith("/jail/sss", one, StringComparison.Ordinal);
        Assert.EndsWith(".jsonl", one, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "names no file")]
    [InlineData("./out/", "names no file")]
    [InlineData("./out/..", "names no file")]
    [InlineData("{topic}.jsonl", "unknown placeholder")]
    [InlineData("{subject", "unknown placeholder")]
    [InlineData("subject}.jsonl", "closing brace")]
    [InlineData("{subject}/../x", "steps back")]
    [InlineData("a\0b", "NUL")]
    public void A_bad_template_is_reported_before_anything_runs(string path, string expected)
    {
        var report = new ConfigReport();
        new FilePlugin().Validate(new FileOptions { Path = path }, report);
        var (pointer, message) = Assert.Single(report.Problems);
        Assert.Equal("/path", pointer);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void A_name_without_room_for_its_values_is_reported()
    {
        var report = new ConfigReport();
        var plugin = new FilePlugin();
        plugin.Validate(new FileOptions(), report);
        Assert.Empty(report.Problems);
        plugin.Validate(new FileOptions { Path = new string('x', 200) + "{subject}" }, report);
        Assert.Single(report.Problems);
        plugin.Validate(new FileOptions { Path = new string('x', 256) }, report);
        Assert.Equal(2, report.Problems.Count);
    }

    static PathTemplate Parse(string text)
    {
        Assert.Null(PathTemplate.TryParse(text, out var template));
        return template!;
    }

    static bool IsJailed(string path) =>
        Path.GetDirectoryName(path) == Root
        && Path.GetFileName(path) is { Length: > 0 } name && name is not ("." or "..")
        && Encoding.UTF8.GetByteCount(name) <= 255
        && !name.Contains('\0', StringComparison.Ordinal);

    static string RandomSubject(Random random)
    {
        var text = new StringBuilder();
        var length = random.Next(4) == 0 ? random.Next(200, 600) : random.Next(1, 12);
        for (var i = 0; i < length; i++)
        {
            switch (random.Next(4))
            {
                case 0:
                    text.Append("./\\.%~\0:"[random.Next(8)]);
                    break;
                case 1:
                    text.Append(new Rune(random.Next(0xE000, 0x10FFFF)));
                    break;
                default:
                    text.Append((char)random.Next(0, 128));
                    break;
            }
        }

        return text.ToString();
    }
}
