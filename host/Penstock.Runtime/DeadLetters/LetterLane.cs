using Penstock.Runtime.Routing;

namespace Penstock.Runtime.DeadLetters;

/// <summary>The lane in which the router would have put the event of a dead letter, with as many lanes as the sink has now.</summary>
static class LetterLane
{
    public static int Of(LetterHead letter, Ordering ordering, int lanes)
    {
        if (letter.IsBarrier)
        {
            return 0;
        }

        var change = new ChangeEvent { Kind = ChangeKind.Message, Subject = letter.Subject, Key = letter.Key, Position = letter.Position };
        return new LaneLayout(lanes, ordering).LaneOf(new KeyHash().Of(change), letter.Position);
    }
}
