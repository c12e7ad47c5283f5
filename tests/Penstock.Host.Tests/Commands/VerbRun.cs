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

    public static async Task<VerbRun> OfAsync(params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "penstock.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        using var deadline = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return new VerbRun(process.ExitCode, await output, await errors);
    }
}
