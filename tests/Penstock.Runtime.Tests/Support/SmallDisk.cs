using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.Runtime.Tests.Support;

/// <summary>A real file system of 64 KiB.</summary>
sealed class SmallDisk : IDisposable
{
    readonly TempDirectory _directory = new("disk");

    /// <summary>Skips the test, with the reason, where nothing can be mounted.</summary>
    public SmallDisk()
    {
        if (Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", Path) is not 0 and var exitCode)
        {
            _directory.Dispose();
            Assert.Skip($"needs to mount a small tmpfs, and mount exited with {exitCode}: run as root to include this test");
        }
    }

    public string Path => _directory.Path;

    string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Leaves no room for another byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.WriteByte(0);
                file.Write(new byte[4095]);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", Path);
        _directory.Dispose();
    }

    static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
