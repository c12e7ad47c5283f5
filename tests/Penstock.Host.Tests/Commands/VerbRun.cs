using System.Diagnostics;
using System.Text.Json;

namespace Penstock.Host.Tests.Commands;

/// <summary>One run of a verb of the host that the tests were built with, as a process of its own.</summary>
sealed record VerbRun(int ExitCode, string Output, string Errors)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Output);
            return document.RootElement.Clone();
        }
    }

    static string Host => Path.Combine(AppContext.BaseDirectory, "penstock.dll");

    public static Task<VerbRun> OfAsync(params IReadOnlyList<string> arguments) => StartAsync("dotnet", [Host, .. arguments]);

    /// <summary>Under strace, with these options of its own.</summary>
    public static Task<VerbRun> TraceAsync(IReadOnlyList<string> options, params IReadOnlyList<string> arguments) =>
        StartAsync("strace", ["-f", .. options, "dotnet", Host, .. arguments]);

    static async Task<VerbRun> StartAsync(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        using var deadline = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return new VerbRun(process.ExitCode, await output, await errors);
    }
}
