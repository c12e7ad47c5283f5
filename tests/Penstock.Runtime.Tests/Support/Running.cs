namespace Penstock.Runtime.Tests.Support;

/// <summary>A pipeline at work. However it ends, its books must balance.</summary>
sealed class Running : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly CancellationTokenSource _stop = new();
    readonly CancellationTokenSource _abort = new();
    readonly Task<PipelineResult> _result;

    public Running(PipelinePlan plan, ScriptedSource source, RuntimeOptions options, RuntimeServices services)
    {
        Source = source;
        Pipeline = new Pipeline(plan, options, services);
        _result = Task.Run(() => Pipeline.RunAsync(_stop.Token, _abort.Token));
    }

    public ScriptedSource Source { get; }

    public Pipeline Pipeline { get; }

    public bool HasEnded => _result.IsCompleted;

    public long Read => Pipeline.Sources is [var source, ..] ? source.Books().First().Read : 0;

    public Task<PipelineResult> StopAsync()
    {
        _stop.Cancel();
        return EndAsync();
    }

    public Task<PipelineResult> AbortAsync()
    {
        _abort.Cancel();
        return EndAsync();
    }

    public async Task<PipelineResult> EndAsync()
    {
        var result = await _result.WaitAsync(Patience);
        Assert.All(result.Books, book => Assert.True(book.Balance, $"{book}"));
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        _abort.Cancel();
        await ((Task)_result).WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _abort.Dispose();
    }
}
