using System.Diagnostics;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>A small file system of its own for a server's WAL. The server is stopped and started for it.</summary>
sealed class WalDisk : IDisposable
{
    readonly TempDirectory _directory = new("wal");

    WalDisk()
    {
    }

    /// <summary>Skips the test, with the reason, where nothing can be mounted.</summary>
    public static async Task<WalDisk> GiveAsync(Database database, string size)
    {
        var disk = new WalDisk();
        if (Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", disk._directory.Path) is not 0 and var exitCode)
        {
            disk._directory.Dispose();
            Assert.Skip($"needs to mount a small tmpfs, and mount exited with {exitCode}: run as root to include this test");
        }

        var wal = Path.Combine(await database.ScalarAsync<string>("SELECT current_setting('data_directory')"), "pg_wal");
        database.Server.StopFast(TimeSpan.FromSeconds(30));
        Assert.Equal(0, Run("/bin/sh", "-c", $"cp -a {wal}/. {disk._directory.Path}/ && rm -r {wal} && ln -s {disk._directory.Path} {wal} && chown -R postgres: {disk._directory.Path} && chmod 700 {disk._directory.Path}"));
        database.Server.Start();
        return disk;
    }

    public void Grow(string size) => Assert.Equal(0, Run("mount", "-o", $"remount,size={size}", _directory.Path));

    public void Dispose()
    {
        Run("umount", _directory.Path);
        _directory.Dispose();
    }

    static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
