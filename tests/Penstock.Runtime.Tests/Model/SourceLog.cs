using System.Text;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Tests.Model;

/// <summary>What the source's server has: events in transactions, and a watermark after each transaction.</summary>
sealed class SourceLog
{
    static readonly byte[][] Keys = [.. Enumerable.Range(0, 12).Select(KeyOf)];

    readonly byte[][] _keys;
    readonly Scope _scope;

    public SourceLog(Scope scope, Mutant mutant)
    {
        _scope = scope;
        _keys = [.. Keys.Take(scope.Keys.Max() + 1)];
        var places = new List<int>();
        for (var number = 1; number <= scope.Events; number++)
        {
            places.Add(Place.OfEvent(number));
            if (scope.EndsTransaction(number))
            {
                // Too early by one event, if there is one that it could be early by.
                var early = mutant == Mutant.MidTransaction && number > 1 && !scope.EndsTransaction(number - 1);
                places.Insert(places.Count - (early ? 1 : 0), Place.OfWatermark(number));
            }
        }

        Places = [.. places];
    }

    /// <summary>The messages in the order in which they are emitted.</summary>
    public int[] Places { get; }

    public int Last => Place.OfWatermark(_scope.Events);

    /// <summary>Makes the message anew, as a server would send it.</summary>
    public SourceMessage Make(int place) => place % 2 == 0
        ? new ChangeEvent { Kind = ChangeKind.Insert, Subject = "t", Key = _keys[_scope.Keys[(place / 2) - 1]], Position = Place.Position(place) }
        : new Watermark(Place.Position(place));

    // Bytes whose lane is known: of up to six lanes, key k lies in lane k mod lanes.
    static byte[] KeyOf(int key)
    {
        var hash = new KeyHash();
        return Enumerable.Range(0, int.MaxValue).Select(i => Encoding.ASCII.GetBytes($"k{i}")).First(bytes =>
            hash.Of(new ChangeEvent { Kind = ChangeKind.Insert, Subject = "t", Key = bytes, Position = default }) % 60 == key);
    }
}
