using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Penstock.Benchmarks.Loads;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Soak.Sampling;

/// <summary>
/// The yardstick: always the same work, a tenth of a second of SHA-256 on one thread and ten fsyncs of 4 KiB. When it gets slower,
/// the machine does, and not the host: by the clock when others use the cores, by CPU time when the cores themselves are slower.
/// </summary>
sealed partial class Reference : IDisposable
{
    const double HashSeconds = 0.1;
    const int ThreadCpuClock = 3;
    const int BlockBytes = 64 * 1024;
    const int Syncs = 10;
    const int SyncBytes = 4096;

    readonly TempDirectory _directory = new("soak-reference");
    readonly byte[] _block = new byte[BlockBytes];

    public async Task<ReferenceSpeed> MeasureAsync()
    {
        ReferenceSpeed? speed = null;
        await LoadThread.Start(() => speed = Hash() with { SyncsPerSecond = Sync() });
        return speed!;
    }

    public void Dispose() => _directory.Dispose();

    ReferenceSpeed Hash()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var clock = Stopwatch.StartNew();
        var cpuBefore = ThreadCpuSeconds();
        var blocks = 0;
        for (; clock.Elapsed.TotalSeconds < HashSeconds; blocks++)
        {
            SHA256.HashData(_block, hash);
        }

        var megabytes = blocks * BlockBytes / 1e6;
        return new ReferenceSpeed(megabytes / clock.Elapsed.TotalSeconds, megabytes / (ThreadCpuSeconds() - cpuBefore), 0);
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

    static double ThreadCpuSeconds()
    {
        _ = ReadClock(ThreadCpuClock, out var time);
        return time.Seconds + (time.Nanoseconds / 1e9);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out TimeSpec time);

    struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
