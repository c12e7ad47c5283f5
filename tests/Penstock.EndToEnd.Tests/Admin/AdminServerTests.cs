using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Admin;

/// <summary>Who may ask the published host, and what it says then.</summary>
public sealed partial class AdminServerTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_figures_agree_with_what_was_delivered_and_have_every_documented_name()
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = new PlainRedis(redis.Port);
        for (var i = 0; i < 100; i++)
        {
            client.Send("XADD", "in", "*", "n", $"{i}");
        }

        using var workspace = new Workspace(Config(redis, """ "listen": "http://localhost:0" """));
        using var host = HostRun.Start("run", "-c", workspace.ConfigFile);
        using var admin = await AdminClient.OfAsync(host);
        await Eventually.HoldsAsync(
            async () => Value(await admin.MetricsAsync(), "penstock_sink_events_total{lane=\"0\",pipeline=\"p\",sink=\"to\"}") == 100, "the counter has all events");

        var text = await admin.MetricsAsync();

        Assert.Equal(100, Value(text, "penstock_source_events_total{pipeline=\"p\",source=\"from\"}"));
        Assert.Equal(0, Value(text, "penstock_events_in_flight{pipeline=\"p\",source=\"from\"}"));
        Assert.Equal(
            Value(text, "penstock_sink_batches_total{lane=\"0\",pipeline=\"p\",sink=\"to\"}"),
            Value(text, "penstock_sink_latency_seconds_count{lane=\"0\",pipeline=\"p\",sink=\"to\"}"));
        var page = await File.ReadAllTextAsync(Path.Combine(Distribution.Root, "docs", "metrics.md"), Token);
        var documented = Documented().Matches(page.Split("### Figures")[1].Split("### Health")[0]).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(12, documented.Count);
        var elsewhere = Documented().Matches(page.Split("### Figures")[0]).Select(match => match.Groups[1].Value);
        Assert.Equal(documented.Order(), Typed().Matches(text).Select(match => match.Groups[1].Value).Except(elsewhere).Order());
        Assert.Equal(0, await host.TerminateAsync());
    }

    [Fact]
    public async Task With_a_token_nothing_is_answered_without_it()
    {
        await using var redis = await RedisServer.StartAsync();
        using var workspace = new Workspace(Config(redis, """ "listen": "http://0.0.0.0:0", "token": "${file:token}" """));
        await File.WriteAllTextAsync(workspace.Combine("token"), "open-sesame\n", Token);
        using var host = HostRun.Start("run", "-c", workspace.ConfigFile);
        await host.LogsAsync("admin: listening on");
        var port = Port().Match(host.Errors).Groups[1].Value;
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        foreach (var path in (string[])["/metrics", "/health", "/ready", "/nothing"])
        {
            using var refused = await http.GetAsync(new Uri(path, UriKind.Relative), Token);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Bearer", $"{refused.Headers.WwwAuthenticate}");
            Assert.Empty(await refused.Content.ReadAsByteArrayAsync(Token));
        }

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "open-sesame");
        using var answered = await http.GetAsync(new Uri("/metrics", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", $"{answered.Content.Headers.ContentType}");
        Assert.Equal(0, await host.TerminateAsync());
        Assert.DoesNotContain("sesame", host.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_a_page_that_is_there_is_answered_and_only_here()
    {
        await using var redis = await RedisServer.StartAsync();
        using var workspace = new Workspace(Config(redis, """ "listen": "http://127.0.0.1:0" """));
        using var host = HostRun.Start("run", "-c", workspace.ConfigFile);
        await host.LogsAsync("admin: listening on");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port().Match(host.Errors).Groups[1].Value}") };

        await AnswersAsync(http, "GET", "/metrics", "127.0.0.1", 200);
        await AnswersAsync(http, "HEAD", "/metrics", "127.0.0.1", 200);
        await AnswersAsync(http, "POST", "/metrics", "127.0.0.1", 405);
        await AnswersAsync(http, "DELETE", "/health", "127.0.0.1", 405);
        await AnswersAsync(http, "GET", "/", "127.0.0.1", 404);
        await AnswersAsync(http, "GET", "/metrics/", "127.0.0.1", 404);
        await AnswersAsync(http, "GET", "/metrics", "rebound.example", 403);
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_the_run_with_what_to_do()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var redis = await RedisServer.StartAsync();
        using var workspace = new Workspace(Config(redis, $$""" "listen": "http://127.0.0.1:{{port}}" """));

        var (exitCode, _, errors) = await HostRun.ToEndAsync("run", "-c", workspace.ConfigFile);

        Assert.Equal(1, exitCode);
        Assert.Contains($"http://127.0.0.1:{port}: admin.listen is taken by another process", errors, StringComparison.Ordinal);
        Assert.Contains("give admin.listen another port", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_others_can_reach_needs_a_token()
    {
        await using var redis = await RedisServer.StartAsync();
        using var workspace = new Workspace(Config(redis, """ "listen": "http://0.0.0.0:0" """));

        var (exitCode, _, errors) = await HostRun.ToEndAsync("run", "-c", workspace.ConfigFile);

        Assert.Equal(2, exitCode);
        Assert.Contains("/admin/listen\n  \"http://0.0.0.0:0\" can be reached from other machines, and \"admin.token\" is not set", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_whose_plugin_is_missing_is_neither_ready_nor_healthy()
    {
        await using var redis = await RedisServer.StartAsync();
        using var workspace = new Workspace(Config(redis, """ "listen": "http://127.0.0.1:0" """)
            .Replace("\"pipelines\": {", """ "pipelines": { "broken": { "sources": { "s": { "type": "nowhere" } }, "sinks": { "t": { "type": "discard" } } }, """, StringComparison.Ordinal));
        using var host = HostRun.Start("run", "-c", workspace.ConfigFile);
        using var admin = await AdminClient.OfAsync(host);

        var broken = await admin.TurnsAsync("broken", "failed");
        var (status, ready) = await admin.GetAsync("/ready");

        Assert.Equal("refused", $"{broken["state"]}");
        Assert.Contains("no plugin provides source \"nowhere\"", $"{broken["reason"]}", StringComparison.Ordinal);
        Assert.Equal(503, status);
        Assert.Contains(ready["awaits"]!.AsArray(), awaited => $"{awaited!["pipeline"]}" == "broken");
        Assert.Equal(3, await host.TerminateAsync());
    }

    static async Task AnswersAsync(HttpClient http, string method, string path, string name, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Host = name;

        using var response = await http.SendAsync(request, Token);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200 && method == "GET", (await response.Content.ReadAsByteArrayAsync(Token)).Length > 0);
    }

    static double Value(string text, string series) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith($"{series} ", StringComparison.Ordinal)) is { } line
            ? double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture)
            : double.NaN;

    static string Config(RedisServer redis, string admin) =>
        $$"""
        {
          "admin": { {{admin}} },
          "pipelines": {
            "p": {
              "sources": {
                "from": { "type": "redis-streams", "config": { "connection": { "endpoints": ["{{redis.Endpoint}}"] }, "streams": ["in"], "group": "g" } }
              },
              "sinks": { "to": { "type": "discard" } }
            }
          }
        }
        """;

    [GeneratedRegex(@"listening on http://[0-9.]+:(\d+)")]
    private static partial Regex Port();

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Documented();

    [GeneratedRegex(@"^# TYPE (\w+) ", RegexOptions.Multiline)]
    private static partial Regex Typed();
}
