namespace Penstock.Sinks.File;

static class RegularFile
{
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>Opens the file for writing, or creates it; never through a link.</summary>
    public static FileStream Open(string path, out bool isNew)
    {
        // Exclusive creation follows no link; of an existing name the caller knows that it is none.
        isNew = !System.IO.File.Exists(path);
        var options = new FileStreamOptions
        {
            Mode = isNew ? FileMode.CreateNew : FileMode.Open,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (isNew && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode;
        }

        var file = new FileStream(path, options);
        if (file.CanSeek)
        {
            return file;
        }

        file.Dispose();
        throw new PluginException(FailureKind.Permanent, $"{path} is no regular file; name another path.");
    }
}
