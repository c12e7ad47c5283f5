using Penstock.Sources.RedisStreams;

namespace Penstock.RedisStreams.Tests;

/// <summary>Options that do not go together.</summary>
public sealed class JobOptionsTests
{
    [Fact]
    public void What_needs_a_group_is_refused_without_one()
    {
        Assert.Equal(["/ordered", "/deadLetterStream", "/dedupe"], Problems(new()
        {
            Connection = new() { Endpoints = ["localhost:1"] },
            Streams = ["s"],
            Mode = StreamsMode.Read,
            Ordered = true,
            DeadLetterStream = "dead",
            Dedupe = new() { Window = 1 },
        }));
    }

    [Fact]
    public void Taking_over_by_time_and_by_lease_exclude_each_other_and_dead_letters_are_not_read_again()
    {
        Assert.Equal(["/claimIdle", "/deadLetterStream"], Problems(new()
        {
            Connection = new() { Endpoints = ["localhost:1"] },
            Streams = ["s"],
            Group = "g",
            Ordered = true,
            ClaimIdle = TimeSpan.FromSeconds(1),
            DeadLetterStream = "s",
        }));
    }

    static IEnumerable<string> Problems(RedisStreamsOptions options)
    {
        var report = new ConfigReport();
        new RedisStreamsPlugin().Validate(options, report);
        return report.Problems.Select(problem => problem.Pointer);
    }
}
