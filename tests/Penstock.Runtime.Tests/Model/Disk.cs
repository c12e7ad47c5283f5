using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Settlement;

namespace Penstock.Runtime.Tests.Model;

/// <summary>The host's state directory.</summary>
abstract class Disk
{
    /// <summary>Where the dead letters of the world's sinks lie.</summary>
    public abstract string Letters(World world);

    /// <summary>Opens the letters of a sink, as a host does that starts.</summary>
    public virtual DeadLetterStore Open(World world, int sink) => DeadLetterStore.Open(Letters(world), "p", world.Scope.Sinks[sink].Name, Host.Services);

    public abstract ICheckpointStore Checkpoints(World world);

    /// <summary>Puts into the world what was appended to a sink's letters.</summary>
    public abstract void LettersGrew(World world, int sink);
}
