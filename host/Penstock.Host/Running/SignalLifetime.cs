using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Penstock.Host.Running;

/// <summary>The first SIGTERM or SIGINT drains; a second one ends the process at once.</summary>
sealed class SignalLifetime(IHostApplicationLifetime lifetime) : IHostLifetime, IDisposable
{
    readonly List<PosixSignalRegistration> _registrations = [];
    int _signals;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) == 1)
        {
            lifetime.StopApplication();
        }
        else
        {
            // Nothing is lost: what was not acknowledged comes again.
            Environment.Exit(ExitCode.FailedWhileRunning);
        }
    }
}
