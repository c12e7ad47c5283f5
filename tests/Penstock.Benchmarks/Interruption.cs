using System.Runtime.InteropServices;
using Penstock.Benchmarks.Hosting;

namespace Penstock.Benchmarks;

/// <summary>Takes host and servers along when the program is told to end: they would not notice.</summary>
sealed class Interruption : IDisposable
{
    const int Interrupted = 130;

    readonly PosixSignalRegistration[] _registrations;

    public Interruption(IAsyncDisposable work) => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            PenstockHost.KillRunning();
            work.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Environment.Exit(Interrupted);
        })),
    ];

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());
}
