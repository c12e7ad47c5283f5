using System.Text.Json;
using Penstock.Sinks.RedisStreams;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests;

public sealed class SinkTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_have_id_key_and_event_in_the_order_of_the_batch()
    {
        await using var server = await RedisServer.StartAsync();
        await using var sink = await OpenAsync(server);
        await sink.WriteAsync(Samples.Events(1000), Stop);
        using var redis = new PlainRedis(server.Port);
        var entries = redis.Entries("out").ToList();
        Assert.Equal(1000, entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            var fields = entries[i].Fields;
            Assert.Equal(["id", "key", "event"], fields.Keys);
            Assert.Equal($"orders/db:00000000/00000007/{i + 1:X8}", fields["id"]);
            Assert.Equal("\"k\"", fields["key"]);
            using var json = JsonDocument.Parse(fields["event"]);
            Assert.Equal($"value {i + 1}", json.RootElement.GetProperty("after").GetProperty("value").GetString());
            Assert.Equal(fields["id"], json.RootElement.GetProperty("id").GetString());
        }
    }

    [Fact]
    public async Task Binary_and_large_values_go_through()
    {
        await using var server = await RedisServer.StartAsync();
        await using var sink = await OpenAsync(server);
        byte[] binary = [0, 255, 13, 10, 0, 128];
        await sink.WriteAsync([Samples.Event(1, binary), Samples.Event(2, "\r\n$5\r\n"u8), Samples.Event(3, new byte[3_000_000])], Stop);
        using var redis = new PlainRedis(server.Port);
        var events = redis.Entries("out").Select(entry => JsonDocument.Parse(entry.Fields["event"]).RootElement).ToList();
        Assert.Equal(binary, events[0].GetProperty("after").GetProperty("value").GetBytesFromBase64());
        Assert.Equal("\r\n$5\r\n", events[1].GetProperty("after").GetProperty("value").GetString());
        Assert.Equal(new string('\0', 3_000_000), events[2].GetProperty("after").GetProperty("value").GetString());
    }

    [Theory]
    [InlineData("{subject}", "public.orders")]
    [InlineData("cdc:{subject}", "cdc:public.orders")]
    [InlineData("cdc:{{{subject}}}", "cdc:{public.orders}")]
    [InlineData("{source}/{subject}/{key}", "db/public.orders/k")]
    [InlineData("{{}}plain", "{}plain")]
    public async Task The_stream_is_named_by_the_template(string template, string stream)
    {
        await using var server = await RedisServer.StartAsync();
        await using var sink = await OpenAsync(server, template);
        await sink.WriteAsync(Samples.Events(3, "public.orders"), Stop);
        using var redis = new PlainRedis(server.Port);
        Assert.Equal(3, redis.SendForNumber("XLEN", stream));
    }

    [Theory]
    [InlineData("a{b")]
    [InlineData("a}b")]
    [InlineData("{lane}")]
    [InlineData("{subject")]
    [InlineData("{}")]
    public void A_bad_template_is_reported_before_connecting(string template)
    {
        var report = new ConfigReport();
        var options = new RedisStreamsOptions { Connection = new() { Endpoints = ["nowhere"] }, Stream = template };
        new RedisStreamsPlugin().Validate(options, report);
        Assert.Equal(["/connection/endpoints/0", "/stream"], report.Problems.Select(problem => problem.Pointer));
    }

    [Fact]
    [Trait("Scenario", "SR04")]
    public async Task The_stream_is_trimmed_to_about_the_maximum_length()
    {
        await using var server = await RedisServer.StartAsync();
        await using var trimmed = await OpenAsync(server, "trimmed", maxLength: 1000);
        await using var whole = await OpenAsync(server, "whole");
        await trimmed.WriteAsync(Samples.Events(5000), Stop);
        await whole.WriteAsync(Samples.Events(5000), Stop);
        using var redis = new PlainRedis(server.Port);
        Assert.InRange(redis.SendForNumber("XLEN", "trimmed"), 1000, 1200);
        Assert.Equal(5000, redis.SendForNumber("XLEN", "whole"));
    }

    [Theory]
    [InlineData("no", "always", Durability.Memory)]
    [InlineData("yes", "everysec", Durability.EverySecond)]
    [InlineData("yes", "always", Durability.Flushed)]
    [InlineData("yes", "no", Durability.Memory)]
    public async Task Durability_is_what_the_server_is_set_to(string appendOnly, string appendFsync, Durability durability)
    {
        await using var server = await RedisServer.StartAsync(new() { AppendOnly = appendOnly == "yes", ExtraLines = [$"appendfsync {appendFsync}"] });
        await using var sink = Create(server);
        Assert.Equal(Durability.Unknown, sink.Traits.Durability);
        await sink.OpenAsync(Stop);
        Assert.Equal(durability, sink.Traits.Durability);
    }

    [Fact]
    public async Task The_permissions_that_the_readme_names_are_enough_and_without_config_the_durability_is_unknown()
    {
        await using var server = await RedisServer.StartAsync(new()
        {
            ExtraLines =
            [
                "user full on >pw ~out resetchannels -@all +xadd +multi +exec +config|get",
                "user least on >pw ~out resetchannels -@all +xadd +multi +exec",
            ],
        });
        await using var full = await OpenAsync(server, user: "full");
        await using var least = await OpenAsync(server, user: "least");
        Assert.Equal((Durability.Memory, Durability.Unknown), (full.Traits.Durability, least.Traits.Durability));
        await least.WriteAsync(Samples.Events(1), Stop);
        var refused = await OpenAsync(server, "other", user: "least");
        var error = await Assert.ThrowsAsync<PluginException>(async () => await refused.WriteAsync(Samples.Events(1), Stop));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("ACL SETUSER", error.Message, StringComparison.Ordinal);
        await refused.DisposeAsync();
    }

    [Fact]
    public async Task A_key_of_another_type_is_permanent_and_names_the_remedy()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("SET", "out", "text");
        await using var sink = await OpenAsync(server);
        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(Samples.Events(2), Stop));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("WRONGTYPE", error.Message, StringComparison.Ordinal);
        Assert.Contains("another name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_server_is_transient_and_the_same_batch_goes_through_once_there_is_room()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var sink = await OpenAsync(server);
        redis.Send("CONFIG", "SET", "maxmemory", "1");
        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(Samples.Events(2), Stop));
        Assert.Equal(FailureKind.Transient, error.Kind);
        Assert.Contains("OOM", error.Message, StringComparison.Ordinal);
        redis.Send("CONFIG", "SET", "maxmemory", "0");
        await sink.WriteAsync(Samples.Events(2), Stop);
        Assert.Equal(2, redis.SendForNumber("XLEN", "out"));
    }

    [Fact]
    public async Task A_batch_of_which_the_server_refuses_a_part_is_not_added_at_all_and_comes_once_and_in_order_afterwards()
    {
        const int room = 3_000_000;
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        await using var sink = await OpenAsync(server);
        await sink.WriteAsync(Samples.Events(1, "other"), Stop);
        ChangeEvent[] batch = [.. Enumerable.Range(1, 400).Select(number => Samples.Event(number, new byte[20_000]))];
        var memory = (string)redis.Send("INFO", "memory")!;
        var used = long.Parse(memory.Split("used_memory:")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
        redis.Send("CONFIG", "SET", "maxmemory", $"{used + room}");
        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(batch, Stop));
        Assert.Equal(FailureKind.Transient, error.Kind);
        Assert.Contains("OOM", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, redis.SendForNumber("XLEN", "out"));

        // A part of it would have been accepted.
        await sink.WriteAsync(batch[..20], Stop);
        Assert.Equal(20, redis.SendForNumber("XLEN", "out"));
        redis.Send("CONFIG", "SET", "maxmemory", "0");
        await sink.WriteAsync(batch[20..], Stop);
        Assert.Equal(batch.Select(change => change.Id), redis.Entries("out").Select(entry => entry.Fields["id"]));
    }

    [Fact]
    public async Task A_key_of_another_type_in_the_middle_of_a_batch_leaves_the_other_streams_written()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("SET", "b", "text");
        await using var sink = await OpenAsync(server);
        ChangeEvent[] batch = [.. Samples.Events(2, "a"), .. Samples.Events(1, "b"), .. Samples.Events(3, "c")];
        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(batch, Stop));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("WRONGTYPE", error.Message, StringComparison.Ordinal);
        Assert.Equal((2, 3), (redis.SendForNumber("XLEN", "a"), redis.SendForNumber("XLEN", "c")));
    }

    [Fact]
    public async Task An_event_that_the_server_would_never_accept_is_poison_and_those_before_it_are_written()
    {
        await using var server = await RedisServer.StartAsync(new() { ExtraLines = ["proto-max-bulk-len 1mb"] });
        await using var sink = await OpenAsync(server);
        ChangeEvent[] batch = [.. Samples.Events(2), Samples.Event(3, new byte[1_100_000]), Samples.Event(4, "x"u8)];
        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(batch, Stop));
        Assert.Equal((FailureKind.Poison, 2), (error.Kind, error.EventIndex));
        using var redis = new PlainRedis(server.Port);
        Assert.Equal(2, redis.SendForNumber("XLEN", "out"));
        await sink.WriteAsync(batch[3..], Stop);
        Assert.Equal(3, redis.SendForNumber("XLEN", "out"));
    }

    [Fact]
    public async Task After_a_restart_of_the_server_the_next_write_connects_again()
    {
        await using var server = await RedisServer.StartAsync(new() { AppendOnly = true, ExtraLines = ["appendfsync always"] });
        await using var sink = await OpenAsync(server);
        await sink.WriteAsync(Samples.Events(2), Stop);
        server.Kill();
        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(Samples.Events(2), Stop));
        Assert.Equal(FailureKind.Transient, error.Kind);
        error = await Assert.ThrowsAsync<PluginException>(async () => await sink.WriteAsync(Samples.Events(2), Stop));
        Assert.Equal(FailureKind.Transient, error.Kind);
        await server.RestartAsync();
        await sink.WriteAsync(Samples.Events(2), Stop);
        using var redis = new PlainRedis(server.Port);
        Assert.Equal(4, redis.SendForNumber("XLEN", "out"));
    }

    [Fact]
    public async Task A_wrong_password_is_permanent_and_not_shown()
    {
        await using var server = await RedisServer.StartAsync(new() { Password = "right" });
        await using var sink = Create(server, password: "c4nary-wrong");
        var error = await Assert.ThrowsAsync<PluginException>(async () => await sink.OpenAsync(Stop));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.DoesNotContain("c4nary", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_has_its_shard_and_all_shards_are_used()
    {
        await using var server = await RedisServer.StartAsync();
        ChangeEvent[] events = [.. Enumerable.Range(0, 400).Select(n => Samples.Event(n, "v"u8, key: $"k{n % 50}"))];
        await using var sink = Create(new() { Connection = Samples.Connection(server), Stream = "out:{shard}", Shards = 4 });
        await sink.OpenAsync(Stop);
        await sink.WriteAsync(events, Stop);

        using var redis = new PlainRedis(server.Port);
        var keys = Enumerable.Range(0, 4).Select(shard => redis.Entries($"out:{shard}").Select(entry => entry.Fields["key"]).ToList()).ToList();
        Assert.Equal(events.Length, keys.Sum(shard => shard.Count));
        Assert.All(keys, Assert.NotEmpty);
        Assert.Equal(50, keys.Sum(shard => shard.Distinct().Count()));

        // For ever, whatever machine or version writes it.
        Assert.Contains("\"k0\"", keys[0]);
    }

    [Fact]
    [Trait("Scenario", "SR04")]
    public async Task Old_entries_are_trimmed_and_exactly_when_asked()
    {
        await using var server = await RedisServer.StartAsync();
        using var redis = new PlainRedis(server.Port);
        redis.Send("XADD", "out", "1700000000000-0", "n", "old");
        await using var byAge = Create(new() { Connection = Samples.Connection(server), MaxAge = TimeSpan.FromHours(1), ExactTrim = true });
        await byAge.OpenAsync(Stop);
        await byAge.WriteAsync(Samples.Events(5), Stop);
        Assert.Equal(5, redis.SendForNumber("XLEN", "out"));

        await using var byLength = Create(new() { Connection = Samples.Connection(server), MaxLength = 3, ExactTrim = true });
        await byLength.OpenAsync(Stop);
        await byLength.WriteAsync(Samples.Events(1), Stop);
        Assert.Equal(3, redis.SendForNumber("XLEN", "out"));
    }

    [Fact]
    public void Options_that_do_not_go_together_are_reported()
    {
        var report = new ConfigReport();
        new RedisStreamsPlugin().Validate(
            new() { Connection = new() { Endpoints = ["localhost:1"] }, Stream = "s", Shards = 2, MaxLength = 1, MaxAge = TimeSpan.FromHours(1) }, report);
        new RedisStreamsPlugin().Validate(new() { Connection = new() { Endpoints = ["localhost:1"] }, Stream = "{shard}", ExactTrim = true }, report);
        Assert.Equal(["/shards", "/maxAge", "/shards", "/exactTrim"], report.Problems.Select(problem => problem.Pointer));
    }

    static ISink Create(RedisStreamsOptions options) => new RedisStreamsPlugin().Create(options, Samples.SinkContext);

    static ISink Create(RedisServer server, string stream = "{subject}", int? maxLength = null, string? user = null, string password = "pw") =>
        new RedisStreamsPlugin().Create(
            new RedisStreamsOptions
            {
                Connection = Samples.Connection(server, user, user is null && password == "pw" ? "" : password),
                Stream = stream,
                MaxLength = maxLength,
            },
            Samples.SinkContext);

    static async Task<ISink> OpenAsync(RedisServer server, string stream = "{subject}", int? maxLength = null, string? user = null)
    {
        var sink = Create(server, stream, maxLength, user);
        await sink.OpenAsync(Stop);
        return sink;
    }
}
