namespace Penstock.Runtime.Tests.Model;

/// <summary>The same, of a sink that stores a position per lane with its data.</summary>
sealed class ModelResumableSink(World world, int epoch, int sink, int lane, Mutant mutant) : ModelSink(world, epoch, sink, lane, mutant), IResumableSink
{
    public ValueTask<IReadOnlyList<StoredPosition>> ReadPositionsAsync(CancellationToken cancellationToken)
    {
        var place = Mutant == Mutant.OnePosition ? World.Stored[Sink].Max() : World.Stored[Sink][Lane];
        return new(place == 0 ? [] : [new StoredPosition("s", Place.Position(place))]);
    }
}
