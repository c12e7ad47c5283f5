using Penstock.Host.Running;

namespace Penstock.Host.Commands;

/// <summary>The state directory for a verb that changes it.</summary>
static class OwnState
{
    /// <summary>Null, and the reason on standard error, when a host or another such verb has it.</summary>
    public static StateLock? Acquire(string directory, string verb)
    {
        try
        {
            return StateLock.Acquire(directory);
        }
        catch (IOException inUse)
        {
            Console.Error.WriteLine($"{verb} changes the state directory and works only while no host runs: {inUse.Message}");
            return null;
        }
    }
}
