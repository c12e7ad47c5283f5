using Microsoft.Extensions.Logging;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Runtime.Snapshots;

/// <summary>Looks for requests in the state directory, and hands them to the source, one after another.</summary>
sealed class SnapshotRequests(string directory, string pipeline, string name, ISnapshotSource source, RuntimeServices services)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    readonly ILogger _log = services.LoggerFactory.CreateLogger<SnapshotRequests>();
    readonly Backoff _backoff = new(new RetryDelays(), services.Time, services.Random);

    public async Task RunAsync(CancellationToken end)
    {
        using var timer = new PeriodicTimer(Interval, services.Time);
        do
        {
            try
            {
                foreach (var file in SnapshotRequestFile.Find(directory, name))
                {
                    await ServeAsync(file, end);
                }

                _backoff.Reset();
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // The stream goes on without; the request stays where it is.
                var pause = _backoff.NextDelay();
                _log.SnapshotRequestWaits(pipeline, name, pause, failure.Message);
                await _backoff.PauseAsync(pause, end);
            }
        }
        while (await timer.WaitForNextTickAsync(end));
    }

    async Task ServeAsync(string file, CancellationToken end)
    {
        try
        {
            var subjects = SnapshotRequestFile.Read(file);
            await source.RequestSnapshotAsync(subjects, end);
            _log.SnapshotRequested(pipeline, name, string.Join(", ", subjects));
        }
        catch (FormatException wrong)
        {
            _log.SnapshotRequestRefused(pipeline, name, $"{file}: no request: {wrong.Message}");
        }
        catch (PluginException refused) when (refused.Kind != FailureKind.Transient)
        {
            _log.SnapshotRequestRefused(pipeline, name, refused.Message);
        }

        // Only now: a crash before repeats the request, which begins the snapshots anew.
        SnapshotRequestFile.Remove(file);
    }
}
