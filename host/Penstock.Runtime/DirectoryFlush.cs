using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Runtime;

/// <summary>Makes a rename in a directory durable. .NET opens no directories, so this asks the C library.</summary>
static partial class DirectoryFlush
{
    const int ReadOnly = 0;

    public static void ToDisk(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            // NTFS journals renames; a directory handle cannot be flushed there.
            return;
        }

        using var handle = Open(directory, ReadOnly);
        if (handle.IsInvalid || Fsync(handle) != 0)
        {
            throw new IOException($"{directory}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);
}
