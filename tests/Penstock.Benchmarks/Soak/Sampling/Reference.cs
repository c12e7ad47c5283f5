using System.Diagnostics;
using System.Security.Cryptography;
using Penstock.Benchmarks.Loads;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Soak.Sampling;

/// <summary>
/// The yardstick: always the same work, a tenth of a second of SHA-256 on one thread and ten fsyncs of 4 KiB. When it gets slower,
/// the machine does, and not the host.
/// </summary>
sealed class Reference : IDisposable
{
    const double CpuSeconds = 0.1;
    const int BlockBytes = 64 * 1024;
    const int Syncs = 10;
    const int SyncBytes = 4096;

    readonly TempDirectory _directory = new("soak-reference");
    readonly byte[] _block = new byte[BlockBytes];

    /// <summary>Megabytes hashed and blocks synced in a second.</summary>
    public async Task<(double Megabytes, double Syncs)> MeasureAsync()
    {
        var (megabytes, syncs) = (0.0, 0.0);
        await LoadThread.Start(() => (megabytes, syncs) = (Hash(), Sync()));
        return (megabytes, syncs);
    }

    public void Dispose() => _directory.Dispose();

    double Hash()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var clock = Stopwatch.StartNew();
        var blocks = 0;
        for (; clock.Elapsed.TotalSeconds < CpuSeconds; blocks++)
        {
            SHA256.HashData(_block, hash);
        }

        return blocks * BlockBytes / 1e6 / clock.Elapsed.TotalSeconds;
    }

    double Sync()
    {
        using var file = new FileStream(_directory.Combine("block"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Syncs; i++)
        {
            file.Write(_block.AsSpan(0, SyncBytes));
            file.Flush(flushToDisk: true);
        }

        return Syncs / clock.Elapsed.TotalSeconds;
    }
}
