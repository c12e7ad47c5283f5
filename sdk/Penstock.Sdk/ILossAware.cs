namespace Penstock;

/// <summary>Implemented by a sink that wants to see the loss windows of its sources, in band and in order.</summary>
public interface ILossAware
{
    /// <summary>Called on lane 0 between two writes, after the window is on disk.</summary>
    ValueTask OnLossAsync(LossWindow loss, CancellationToken cancellationToken);
}
