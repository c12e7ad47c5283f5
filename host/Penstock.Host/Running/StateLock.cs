namespace Penstock.Host.Running;

/// <summary>Keeps a second host out of the state directory for as long as this one runs.</summary>
sealed class StateLock : IDisposable
{
    readonly FileStream _file;

    StateLock(FileStream file) => _file = file;

    /// <exception cref="IOException">Another process has the directory, or it cannot be made; the message says which.</exception>
    public static StateLock Acquire(string directory)
    {
        try
        {
            Make(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{directory}: the state directory cannot be made ({failure.Message}). Make it, or name another one in state.directory", failure);
        }

        var path = Path.Combine(directory, "lock");
        try
        {
            return new StateLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{path}: the state directory cannot be locked ({failure.Message}). Another host may use it: stop that one, or give this one its own state.directory",
                failure);
        }
    }

    public void Dispose() => _file.Dispose();

    static void Make(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            // Checkpoints and loss windows are nobody else's business.
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
