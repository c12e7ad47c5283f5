using System.Diagnostics;
using Penstock.Benchmarks.Measuring;
using Penstock.TestServers;

namespace Penstock.Benchmarks.Yardsticks;

/// <summary>Writes as many bytes as the file sink wrote, in writes of a thousand events with an fsync each, and nothing else.</summary>
static class RawFile
{
    const int EventsPerWrite = 1000;

    public static async Task<Sample> RunAsync(long bytes, long events, long planted)
    {
        using var directory = new TempDirectory("bench");
        var writes = (events + EventsPerWrite - 1) / EventsPerWrite;
        var block = new byte[bytes / events * EventsPerWrite];
        var clock = Stopwatch.StartNew();
        await using (var file = new FileStream(directory.Combine("raw"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (var written = 0L; written < writes; written++)
            {
                file.Write(block);
                file.Flush(flushToDisk: true);
            }
        }

        var seconds = clock.Elapsed.TotalSeconds;
        var (found, expected) = (new FileInfo(directory.Combine("raw")).Length, (writes * block.Length) + planted);
        return found == expected
            ? new Sample { Subject = "write and fsync", Events = writes * EventsPerWrite, Seconds = seconds }
            : throw new MeasurementException($"the yardstick wrote {found} bytes, expected {expected}");
    }
}
