using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Admin;

/// <summary>Asks a running host about itself.</summary>
sealed partial class AdminClient : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly HttpClient _http = new();

    AdminClient(string address) => _http.BaseAddress = new Uri(address);

    public static async Task<AdminClient> OfAsync(HostRun host)
    {
        await host.LogsAsync("admin: listening on");
        return new AdminClient(Address().Match(host.Errors).Groups[1].Value);
    }

    public async Task<(int Status, JsonNode Body)> GetAsync(string page)
    {
        using var response = await _http.GetAsync(new Uri(page, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    public Task<string> MetricsAsync() => _http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>Waits until the host is ready.</summary>
    public Task ReadyAsync() => Eventually.HoldsAsync(async () => (await GetAsync("/ready")).Status == 200, "the host is ready");

    /// <summary>Waits until the pipeline is as expected, within 30 s; all others are healthy all the time. Returns the last answer about it.</summary>
    public async Task<JsonNode> TurnsAsync(string pipeline, string status, string? cause = null)
    {
        var clock = Stopwatch.StartNew();
        JsonNode? found = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                found = await HealthOfAsync(pipeline);
                return $"{found["status"]}" == status && (cause is null || found["causes"]!.AsArray().Any(each => $"{each!["cause"]}" == cause));
            },
            $"{pipeline} is {status} {cause}",
            Limit);
        TestContext.Current.TestOutputHelper?.WriteLine($"{pipeline} turned {status} {cause} after {clock.Elapsed.TotalSeconds:0.0} s");
        return found!;
    }

    /// <summary>The first trouble of the named cause.</summary>
    public static JsonNode Cause(JsonNode pipeline, string cause) => pipeline["causes"]!.AsArray().First(each => $"{each!["cause"]}" == cause)!;

    public void Dispose() => _http.Dispose();

    async Task<JsonNode> HealthOfAsync(string pipeline)
    {
        var (status, body) = await GetAsync("/health");
        var pipelines = body["pipelines"]!.AsArray();
        Assert.All(pipelines.Where(other => $"{other!["pipeline"]}" != pipeline), other => Assert.True($"{other!["status"]}" == "healthy", $"{other}"));
        var asked = pipelines.Single(each => $"{each!["pipeline"]}" == pipeline)!;
        Assert.Equal($"{asked["status"]}", $"{body["status"]}");
        Assert.Equal($"{asked["status"]}" == "healthy" ? 200 : 503, status);
        return asked;
    }

    [GeneratedRegex("admin: listening on (http://[0-9.:]+)")]
    private static partial Regex Address();
}
