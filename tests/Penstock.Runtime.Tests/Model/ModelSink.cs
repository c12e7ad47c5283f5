namespace Penstock.Runtime.Tests.Model;

/// <summary>One lane's connection to a sink's server: what is written lands at once, the answer comes when it is told to.</summary>
class ModelSink(World world, int epoch, int sink, int lane, Mutant mutant) : ISink
{
    TaskCompletionSource? _answer;

    public SinkTraits Traits { get; } = new() { Durability = Durability.Flushed, StoresPositions = world.Scope.Sinks[sink].IsResumable };

    public bool IsAnswering => _answer is not null;

    /// <summary>Planted: refused events that were said to be written.</summary>
    public Queue<int> Late { get; } = [];

    protected World World => world;

    protected int Sink => sink;

    protected int Lane => lane;

    protected Mutant Mutant => mutant;

    public ValueTask OpenAsync(CancellationToken cancellationToken) => default;

    public ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        world.SeeLetters(sink);
        for (var i = 0; i < batch.Count; i++)
        {
            var number = Place.NumberOf(batch[i]);
            if (!world.Scope.Sinks[sink].Poison.Contains(number))
            {
                Land(number);
            }
            else if (mutant == Mutant.LetterLate)
            {
                Late.Enqueue(number);
            }
            else
            {
                throw PluginException.Poison(i, "it does not fit");
            }
        }

        _answer = new TaskCompletionSource();
        return new ValueTask(_answer.Task);
    }

    public void Answer()
    {
        var answer = _answer!;
        _answer = null;
        answer.SetResult();
    }

    public ValueTask DisposeAsync() => default;

    void Land(int number)
    {
        try
        {
            world.Land(epoch, sink, lane, number);
        }
        catch (Violation violation)
        {
            world.Unseen ??= violation;
        }
    }
}
