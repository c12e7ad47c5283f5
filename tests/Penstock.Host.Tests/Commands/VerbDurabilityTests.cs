namespace Penstock.Host.Tests.Commands;

/// <summary>What a verb says it did is on the disk by then: seen from the kernel.</summary>
public sealed class VerbDurabilityTests : IDisposable
{
    readonly VerbFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_line_is_written_then_flushed_with_its_directory_then_told()
    {
        _fixture.Keep(1, "a");
        var trace = _fixture.Combine("trace");

        var run = await VerbRun.TraceAsync(
            ["-y", "-s", "200", "-e", "trace=pwrite64,write,fsync", "-o", trace], "dead-letters", "discard", "--all", "--yes", "-c", _fixture.ConfigFile);

        Assert.Equal(0, run.ExitCode);
        string[] steps = [.. File.ReadLines(trace).Where(line => line.Contains("discarded", StringComparison.Ordinal) || line.Contains("fsync(", StringComparison.Ordinal)).Select(Describe)];
        Assert.Equal(["write the line", "flush the journal", "flush the directory", "tell", "tell"], steps);
    }

    [Fact]
    public async Task A_disk_that_refuses_to_flush_is_a_failure_and_not_a_success()
    {
        _fixture.Keep(1, "a");
        _fixture.Checkpoint(new SourcePosition("", 9));
        foreach (var verb in (string[][])[["dead-letters", "discard", "--all"], ["positions", "reset", "orders/db", "--to", "start"]])
        {
            var run = await VerbRun.TraceAsync(
                ["-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO"], [.. verb, "--yes", "-c", _fixture.ConfigFile]);

            Assert.Equal(1, run.ExitCode);
            Assert.Contains("fsync of", run.Errors);
        }

        // The audit comes first: what could not be audited was not done.
        Assert.Equal(7, _fixture.ReadCheckpoint().Generation);
        Assert.Equal(0, (await _fixture.RunAsync("positions", "reset", "orders/db", "--to", "start", "--yes")).ExitCode);
    }

    string Describe(string call) =>
        call.Contains("fsync(", StringComparison.Ordinal)
            ? call.Contains(".dead-letters.jsonl>", StringComparison.Ordinal) ? "flush the journal"
                : call.Contains($"<{_fixture.Combine("state", "orders")}>", StringComparison.Ordinal) ? "flush the directory" : call
            : call.Contains("pwrite64(", StringComparison.Ordinal) ? "write the line" : "tell";
}
