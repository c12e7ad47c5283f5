namespace Penstock.Runtime.DeadLetters;

/// <summary>What a line of the journal says.</summary>
enum LineKind
{
    /// <summary>An event was given up.</summary>
    DeadLetter = 1,

    /// <summary>It was replayed, and the sink refused it again.</summary>
    Refused,

    /// <summary>It was replayed, and the sink has it.</summary>
    Replayed,

    /// <summary>Somebody decided that it is never to be delivered.</summary>
    Discarded,
}
