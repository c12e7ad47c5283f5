using Penstock.Sources.RedisStreams;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests;

/// <summary>Entries that are large, have very many fields, or take long to arrive.</summary>
public sealed class LargeEntryTests
{
    const int Megabyte = 1 << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Scenario", "RS15")]
    public async Task Pages_of_large_entries_are_short_and_those_of_small_ones_as_long_as_they_may_be(bool inGroup)
    {
        const int large = 90;
        const int small = 2000;
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        var value = new string('x', Megabyte);
        for (var n = 0; n < large; n++)
        {
            redis.Send("XADD", "in", $"{1_600_000_000_000 + n}-0", "n", value);
        }

        Streams.AddAndTrim(redis, "in", 100_000_000, 100_000_000 + small - 1);
        var source = SourceReading.Create(server, ["in"], mode: inGroup ? StreamsMode.Group : StreamsMode.Read);
        await using var reading = new SourceReading(source);
        await reading.ReceivesAsync(large + small);

        var pages = reading.Pages;
        Assert.Equal(large + small, pages.Sum());
        Assert.Equal(PageSize.First, pages[0]);
        Assert.All(pages.Skip(1).Take(3), page => Assert.InRange(page, 1, PageSize.MaxBytes / Megabyte));
        Assert.Contains(pages, page => page > 500);
    }

    [Fact]
    [Trait("Scenario", "RS15")]
    public async Task An_entry_of_ten_thousand_fields_and_one_of_many_megabytes_arrive_whole()
    {
        const int fields = 10_000;
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        string[] command = ["XADD", "in", "1-1", .. Enumerable.Range(0, fields).SelectMany(n => (string[])[$"f{n}", $"{n}"])];
        redis.Send(command);
        redis.Send("XADD", "in", "1-2", "n", new string('y', 64 * Megabyte));

        await using var reading = new SourceReading(SourceReading.Create(server, ["in"]));
        await reading.ReceivesAsync(2);

        Assert.Equal(fields, reading.Events[0].After!.Value.Schema.Count);
        Assert.Equal($"{fields - 1}", reading.Events[0].After!.Value.GetString($"f{fields - 1}"));
        Assert.Equal(64 * Megabyte, reading.Events[1].After!.Value.GetMemory(0).Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Scenario", "RS15")]
    public async Task A_page_that_takes_longer_than_a_command_may_is_waited_for_while_it_is_arriving(bool inGroup)
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(server.Port) { Delay = TimeSpan.FromMilliseconds(30) };
        using var redis = new PlainRedis(server.Port);
        redis.Send("XADD", "in", "*", "n", new string('z', 4 * Megabyte));
        var source = new RedisStreamsPlugin().Create(
            new RedisStreamsOptions
            {
                Connection = new() { Endpoints = [proxy.Endpoint], CommandTimeout = TimeSpan.FromMilliseconds(500) },
                Streams = ["in"],
                Mode = inGroup ? StreamsMode.Group : StreamsMode.Read,
                Group = inGroup ? "g" : null,
                Block = TimeSpan.FromMilliseconds(50),
            },
            Samples.SourceContext);

        // 64 KiB every 30 ms: two seconds.
        await using var reading = new SourceReading(source);
        await reading.ReceivesAsync(1);

        Assert.Equal(4 * Megabyte, Assert.Single(reading.Events).After!.Value.GetMemory(0).Length);
        Assert.Equal(1, proxy.Accepted);
    }
}
