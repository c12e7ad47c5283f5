using Penstock.Benchmarks.Loads;
using Penstock.Benchmarks.Soak.Judging;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Tests.Soak;

/// <summary>The judge of a file reads every line once while it renames the file under the writer's hands.</summary>
public sealed class FileJudgeTests
{
    const int Lines = 2000;

    [Fact]
    public async Task Every_line_is_read_though_the_file_is_renamed()
    {
        using var directory = new TempDirectory("soak-tests");
        var path = directory.Combine("out.jsonl");
        var sequence = new SequenceJudge(keys: 1);
        var judge = new FileJudge(path, sequence, renameAt: 10_000);
        var reading = judge.RunAsync();
        for (var line = 0; line < Lines; line++)
        {
            // In two parts: the judge must not take half a line for a whole one.
            var text = $"{{\"message\":\"{Marker.Payload(line, 60)}\"}}\n";
            using var file = File.Open(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            file.Write(System.Text.Encoding.UTF8.GetBytes(text[..30]));
            file.Write(System.Text.Encoding.UTF8.GetBytes(text[30..]));
        }

        await Eventually.HoldsAsync(() => sequence.Delivered == Lines || reading.IsFaulted, "every line was read");
        judge.End();
        await reading;
        Assert.Equal((Lines, 0, 0), (sequence.Delivered, sequence.Disordered, sequence.Duplicates));
        Assert.InRange(judge.Renamed, 1, Lines);
    }
}
