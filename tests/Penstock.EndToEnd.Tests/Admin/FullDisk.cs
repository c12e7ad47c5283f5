using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.EndToEnd.Tests.Admin;

/// <summary>A real file system of 256 KiB that can be filled.</summary>
sealed class FullDisk : IDisposable
{
    readonly TempDirectory _directory = new("disk");

    /// <summary>Skips the test, with the reason, where nothing can be mounted.</summary>
    public FullDisk()
    {
        if (Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", Path) is not 0 and var exitCode)
        {
            _directory.Dispose();
            Assert.Skip($"needs to mount a small tmpfs, and mount exited with {exitCode}: run as root to include this test");
        }
    }

    public string Path => _directory.Path;

    string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Takes what room there is; a file that was just replaced may leave some more.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
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
