using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Sinks.File;

/// <summary>Directories whose entries survive a power loss.</summary>
static partial class Folder
{
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    /// <summary>Creates what is missing of the path.</summary>
    public static void Create(string path, Action<SafeFileHandle> flushToDisk)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        var parent = Path.GetDirectoryName(path)!;
        Create(parent, flushToDisk);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, Mode);
        }

        Flush(parent, flushToDisk);
    }

    /// <summary>Makes the names in the directory durable: fsync of a file does not cover its own name.</summary>
    public static void Flush(string path, Action<SafeFileHandle> flushToDisk)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const int readOnly = 0;
        using var handle = OpenDescriptor(path, readOnly);
        if (handle.IsInvalid)
        {
            throw new IOException($"Opening the directory {path} failed with errno {Marshal.GetLastPInvokeError()}.");
        }

        flushToDisk(handle);
    }

    /// <summary>Below the root, names come from data; a link among them was put there by somebody else.</summary>
    /// <exception cref="PluginException">The file or a directory between root and file is a symbolic link.</exception>
    public static void RefuseLinks(string path, string root)
    {
        for (var name = path; name.Length > root.Length; name = Path.GetDirectoryName(name)!)
        {
            if (new FileInfo(name).LinkTarget is { } target)
            {
                throw new PluginException(
                    FailureKind.Permanent,
                    $"{name} is a symbolic link to {target}, and the file sink follows none. Remove the link, or put its target into the sink's path.");
            }
        }
    }

    // FileStream refuses directories.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenDescriptor(string path, int flags);
}
